import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { COMMAND_TYPES } from '../../../src/contract/envelope.ts';
import { API_PREFIX } from '../../../src/contract/routes.ts';
import { openapi } from '../support/documented.ts';
import type { HttpRequest } from '../support/http.ts';
import type { Operation } from '../support/json-schema.ts';
import { type Mutation, mutate, mutations } from './mutate.ts';
import { ODD_TEXTS, schemaArbitraries } from './schema-arbitrary.ts';

/** What exists: ids that requests are filled with, so that not all of them end at 404. */
export interface World {
  tenantId: string;
  subject: string;
  /** Names of values of `authorization`, the first of which may do everything in the tenant. */
  authorizations: readonly string[];
  ids: Readonly<Record<string, readonly string[]>>;
}

const arbitraryOf = schemaArbitraries(openapi, { odd: true });
const tamely = schemaArbitraries(openapi, { odd: false });
/** Values without which hardly a command would get as far as the rules on accounts and balances. */
const USUAL: Readonly<Record<string, unknown>> = {
  currency: 'AUD',
  baseCurrency: 'AUD',
  timeZone: 'Australia/Sydney',
  dateOfBirth: '1990-02-28',
  bookingDate: '2025-03-01',
  valueDate: '2025-03-02',
  status: 'ACTIVE',
  rate: 0.05,
  baseRate: 0.01,
  bonusRate: 0.02,
  minBalance: 0,
  maxBalance: null,
  minAmount: 100,
  maxAmount: 50_000,
  termMonthsDefault: 12,
  termMonthsOptions: [12, 24],
  loan: undefined,
  closes: undefined,
  initialDeposit: 1_000,
};
/** A tenant is created once; after that all that is left is to refuse it. */
const COMMAND_WEIGHTS = COMMAND_TYPES.map((type) => [type, type === 'CreateTenant' ? 1 : 4] as const);
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Requests of all kinds: as openapi.json has them, nearly so, and not at all. */
export function requestsOf(world: World): fc.Arbitrary<HttpRequest> {
  const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return fc.oneof(
    // Two routes of twelve take commands, and most of the system is behind them.
    ...operations.map(({ path, method, operation }) => ({
      weight: operation.requestBody ? 10 : 2,
      arbitrary: documented({ path, method, operation, world }),
    })),
    { weight: 2, arbitrary: garbage(world) },
  );
}

function documented(options: {
  path: string;
  method: string;
  operation: Operation;
  world: World;
}): fc.Arbitrary<HttpRequest> {
  const { path, method, operation, world } = options;
  const parameters = operation.parameters ?? [];
  const inPath = Object.fromEntries(
    parameters.filter((each) => each.in === 'path').map((each) => [each.name, pathValue(each.name, world)]),
  );
  const inQuery = Object.fromEntries(
    parameters
      .filter((each) => each.in === 'query')
      .map((each) => [
        each.name,
        fc.oneof({ weight: 3, arbitrary: knownOr(each.name, arbitraryOf(each.schema), world).map(String) }, oddText),
      ]),
  );
  return fc
    .record({
      method: mostly(fc.constant(method), fc.constantFrom(...METHODS)),
      values: fc.record(inPath),
      query: fc.oneof(
        // Most commands are to be written, and not only decided.
        { weight: operation.requestBody ? 20 : 2, arbitrary: fc.constant({}) },
        { weight: 6, arbitrary: fc.record(inQuery, { requiredKeys: [] }) },
        fc.dictionary(oddText, oddText, { maxKeys: 3 }),
      ),
      headers: headersOf(world),
      body: operation.requestBody ? bodyOf(operation, world) : mostly(fc.constant(undefined), oddText),
    })
    .map(({ method: verb, values, query, headers, body }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
      const search = Object.entries(query as Record<string, string>).map(
        ([name, value]) => `${encode(name)}=${encode(value)}`,
      );
      return {
        method: verb,
        path: `${API_PREFIX}${filled}${search.length > 0 ? `?${search.join('&')}` : ''}`,
        headers,
        ...(body !== undefined && { body }),
      };
    });
}

function garbage(world: World): fc.Arbitrary<HttpRequest> {
  const segment = fc.oneof(
    fc.constantFrom(
      'v1',
      'tenants',
      world.tenantId,
      'commands',
      'customers',
      'accounts',
      '..',
      '%2e%2e',
      '%',
      '%zz',
      '%00',
      '',
    ),
    oddText.map(encode),
  );
  return fc.record({
    method: fc.constantFrom(...METHODS),
    path: fc.array(segment, { maxLength: 7 }).map((segments) => `/${segments.join('/')}`),
    headers: headersOf(world),
    body: oddText,
  });
}

const oddText = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ maxLength: 20, unit: 'binary' }));

/** A lone surrogate has no UTF-8 form, and so cannot stand in a path. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function mostly<Value, Other>(usual: fc.Arbitrary<Value>, other: fc.Arbitrary<Other>): fc.Arbitrary<Value | Other> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: other });
}

function knownOr(name: string, arbitrary: fc.Arbitrary<unknown>, world: World): fc.Arbitrary<unknown> {
  const known = world.ids[name];
  return known ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, arbitrary) : arbitrary;
}

function pathValue(name: string, world: World): fc.Arbitrary<string> {
  if (name === 'tenantId')
    return fc.oneof(
      { weight: 40, arbitrary: fc.constant(world.tenantId) },
      fc.constantFrom('CU_NOWHERE', 'CU_TES', 'cu_test'),
      oddText.map(encode),
    );
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...(world.ids[name] ?? ['x'])) },
    oddText.map(encode),
    fc.stringMatching(/^(acc|cust|ent)_\d\d_[0-9a-f]{20}$/),
  );
}

function headersOf(world: World): fc.Arbitrary<Record<string, string>> {
  const [good = '', ...others] = world.authorizations;
  return fc
    .record({
      authorization: mostly(fc.constant(good), fc.constantFrom(...others)),
      'content-type': mostly(
        fc.constant('application/json'),
        fc.constantFrom(
          '',
          'text/plain',
          'application/json; charset=utf-16',
          'APPLICATION/JSON',
          'multipart/form-data',
          'application/x-www-form-urlencoded',
        ),
      ),
      accept: mostly(fc.constant('application/json'), fc.constantFrom('text/html', '*/*', 'nonsense')),
      more: fc.oneof(
        { weight: 12, arbitrary: fc.constant({}) },
        fc.constantFrom<Record<string, string>>(
          { cookie: 'a=b; c' },
          { 'content-encoding': 'gzip' },
          { 'x-forwarded-for': '1.2.3.4' },
          { 'x-http-method-override': 'DELETE' },
          { origin: 'https://evil.example' },
          { range: 'bytes=0-1' },
          { 'if-none-match': '*' },
        ),
      ),
    })
    .map(({ more, ...headers }) => ({ ...headers, ...more }));
}

/** A body as it should be; or at the edges of the schema; or changed in a place or two; or its text spoilt; or anything. */
function bodyOf(operation: Operation, world: World): fc.Arbitrary<string> {
  const commandOf = (arbitrary: typeof arbitraryOf) =>
    fc
      .tuple(
        fc.oneof(
          ...COMMAND_WEIGHTS.map(([type, weight]) => ({
            weight,
            arbitrary: arbitrary({ $ref: `#/components/schemas/${type}Command` }),
          })),
        ),
        fc.integer(),
      )
      .map(([value, seed]) => inhabit(structuredClone(value), world, seed));
  const isBatch = operation.operationId === 'submitCommandBatch';
  const inBatch = (command: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    isBatch ? fc.array(command, { minLength: 1, maxLength: 4 }).map((commands) => ({ commands })) : command;
  const [tame, odd] = [inBatch(commandOf(tamely)), inBatch(commandOf(arbitraryOf))];
  const changed = fc.tuple(tame, mutations).map(([value, changes]: [unknown, Mutation[]]) => mutate(value, changes));
  const spoilt = fc.tuple(tame, fc.nat(), oddText).map(([value, at, text]) => {
    const whole = JSON.stringify(value);
    return whole.slice(0, at % whole.length) + text;
  });
  return fc.oneof(
    { weight: 6, arbitrary: tame.map((value) => JSON.stringify(value)) },
    { weight: 3, arbitrary: odd.map((value) => JSON.stringify(value)) },
    // What has been replaced as a whole may be nothing that JSON has.
    { weight: 4, arbitrary: changed.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: spoilt },
    { weight: 1, arbitrary: oddText },
  );
}

/** Puts real ids, the tenant, the actor and balanced legs into a command, mostly. */
function inhabit(value: unknown, world: World, seed: number): unknown {
  const generator = xoroshiro128plus(seed);
  const next = () => generator.next() >>> 1;
  const command = value as {
    tenantId: string;
    timestamp: string;
    actor: { actorId: string };
    commandType: string;
    payload: Record<string, unknown>;
  };
  if (next() % 20 !== 0) command.tenantId = world.tenantId;
  if (next() % 20 !== 0) command.actor.actorId = world.subject;
  if (next() % 4 !== 0) command.timestamp = '2025-03-01T10:00:00Z';
  visit(command.payload, (holder, key) => {
    const known = world.ids[key];
    if (known && next() % 8 !== 0) holder[key] = known[next() % known.length];
    if (Object.hasOwn(USUAL, key) && next() % 8 !== 0) holder[key] = USUAL[key];
  });
  const { legs } = command.payload as { legs?: { direction: string; amount: number }[] };
  if (legs && next() % 3 !== 0) balance(legs);
  return command;
}

function visit(value: unknown, see: (holder: Record<string, unknown>, key: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    see(value as Record<string, unknown>, key); // arrays have their indexes as keys
    visit(each, see);
  }
}

/** Makes the legs one side after the other, all of one amount. */
function balance(legs: { direction: string; amount: number }[]): void {
  const [first] = legs;
  if (!first) return;
  if (legs.length % 2 === 1) legs.push({ ...first });
  for (const [index, leg] of legs.entries()) {
    leg.direction = index % 2 === 0 ? 'DEBIT' : 'CREDIT';
    leg.amount = first.amount;
  }
}
