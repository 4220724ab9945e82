import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { type CommandEnvelope, COMMAND_TYPES } from '../src/contract/envelope.ts';
import { FAULTS, type FaultCode, VIOLATIONS } from '../src/contract/refusals.ts';
import { errorReply, invariantViolation } from '../src/contract/replies.ts';
import { type Route, routes } from '../src/contract/routes.ts';
import { commandExamples } from './openapi-examples.ts';

/** @returns openapi.json as an object: OpenAPI 3.0.3, made from the route table and the zod schemas alone */
export function openapiDocument(): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of Object.values(routes) as Route[]) {
    const operation = {
      operationId: route.id,
      summary: route.summary,
      description: rightOf(route),
      tags: [route.tag],
      requestParams: { path: route.params, ...(route.query && { query: route.query }) },
      ...(route.handler === 'command' && {
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: route.body, ...(route.id === 'submitCommand' && { examples: examples() }) },
          },
        },
      }),
      responses: responsesOf(route),
    };
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  return createDocument({
    openapi: '3.0.3',
    info: { title: 'TuringCore Command API', version: '1.0.0', description: description() },
    servers: [{ url: '/v1', description: 'This server.' }],
    security: [{ bearer: [] }],
    tags: [
      { name: 'Commands', description: 'The only way to change anything.' },
      { name: 'Queries', description: 'Read the views, which follow the journal within moments.' },
    ],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  });
}

function rightOf(route: Route): string {
  return route.handler === 'query'
    ? `The token needs the right \`${route.right}\`.`
    : 'The token needs the right of the command, such as `commands:PostEntry`.';
}

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const json = (text: string, schema: Route['result']) => ({
    description: text,
    content: { 'application/json': { schema } },
  });
  const responses: ZodOpenApiResponsesObject = {};
  if (route.handler === 'command' && route.accepted) {
    responses['202'] = json('Command accepted: its events are durable.', route.accepted);
    responses['200'] = json('Dry run: what the answer would be; nothing was written.', route.result);
  } else {
    responses['200'] = json('Answer', route.result);
  }
  if (route.id === 'submitCommandBatch')
    Object.assign(responses['200'], {
      headers: retryAfter(
        'Seconds to wait before commands with 429 or 503 are sent again; absent where there is none.',
        false,
      ),
    });
  for (const fault of route.faults) responses[`${FAULTS[fault].status}`] = faultResponse(fault);
  if (route.id === 'submitCommand') responses['422'] = json('Command refused by an invariant', invariantViolation);
  return responses;

  function faultResponse(fault: FaultCode) {
    const retry = fault === 'TooManyRequests' || fault === 'ServiceUnavailable';
    return {
      ...json(`${fault}: ${FAULTS[fault].text}`, errorReply),
      ...(retry && {
        headers: retryAfter('Seconds to wait.', true),
      }),
    };
  }
}

function retryAfter(what: string, required: boolean) {
  return { 'Retry-After': { description: what, required, schema: { type: 'integer' as const } } };
}

function examples(): Record<string, { summary: string; value: CommandEnvelope }> {
  return Object.fromEntries(
    commandExamples.map((value) => [
      `${value.commandType}_${COMMAND_TYPES.indexOf(value.commandType)}_${value.commandId.slice(-2)}`,
      { summary: value.commandType, value },
    ]),
  );
}

function description(): string {
  const faults = Object.entries(FAULTS).map(([code, fault]) => `| ${fault.status} | \`${code}\` | | ${fault.text} |`);
  const violations = Object.entries(VIOLATIONS).map(
    ([code, violation]) => `| 422 | \`${code}\` | \`${violation.invariant}\` | ${violation.text} |`,
  );
  return [
    'Public API of the TuringCore ledger. All state changes go through the five commands; if it cannot be done with a command, it does not happen.',
    '',
    '**Direction.** DEBIT raises an account’s balance and CREDIT lowers it, on every account: the member’s view, in which a deposit is the member’s asset.',
    'Bankers keep deposits as liabilities, with the opposite sign. All accounts of a tenant, general ledger included, sum to zero at every moment.',
    '',
    '**Money** is decimal numbers here, with no more decimals than the currency has, and integers in minor units in events (`…Minor`).',
    '',
    '**Idempotency.** The `idempotencyKey`, else the `commandId`, is remembered on the chain that the command belongs to, for at least the last 250,000 commands of that chain. A repeat gets the first answer, a refusal included.',
    '',
    '**Chains.** A customer and all accounts of the customer live on one chain, which the ids carry (`cust_07_…`, `acc_07_…`). Commands of one chain are decided in the order in which they arrive.',
    '',
    '**Debt to income** in the credit criteria is the sum of the principals of the customer’s loans over the annual income.',
    '',
    '## Refusals',
    '',
    'One closed list, in the order in which the rules are checked. A 422 is recorded in the chain; the others leave nothing behind.',
    '',
    '| status | error | invariant | meaning |',
    '|---|---|---|---|',
    ...faults,
    ...violations,
  ].join('\n');
}
