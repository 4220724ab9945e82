import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud, type TokenOptions } from '../../support/cloud.ts';
import { ACTOR, createCustomer, move, openAccount } from '../../support/ledger.ts';
import { breachesOf } from '../support/audit.ts';
import { type Member, openBank } from '../support/bank.ts';
import { faultsOfAnswer, isDocumentedCommand, operationOf } from '../support/documented.ts';
import type { HttpAnswer, HttpRequest } from '../support/http.ts';
import { submit, submitBatch } from '../support/submit.ts';
import { requestsOf, type World } from './request-arbitrary.ts';

const tenantId = 'CU_TEST';
/** Its name is in no request: an answer that has it has it from where it must not look. */
const NEIGHBOUR = 'CU_ZEPHYR';
const REQUESTS_AT_ONCE = 24;
/** About 12 requests a run. `FUZZ_RUNS` asks for more. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 350);
const TIME_LIMIT_MS = 50_000 * Math.max(1, RUNS / 350);
/** A seed of its own for each run of the suite; a failure prints it, and `FUZZ_SEED` repeats it. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

let cloud: TestCloud;
let world: World;
/** Values of `authorization` by the names that the requests carry, so that a failure can be read and repeated. */
let authorizations: Record<string, string>;

beforeAll(async () => {
  cloud = await startTestCloud();
  const ledger = cloud.ledger();
  const members = await openBank(ledger, { tenantId, members: 8, deposit: 500 });
  await openBank(cloud.ledger({ tenants: [NEIGHBOUR] }), { tenantId: NEIGHBOUR, members: 2 });
  const [first] = members;
  const loan = await submit(
    ledger,
    openAccount(first?.customerId ?? '', { id: 'loan', productCode: 'LOAN', loan: { principal: 9_000 } }),
  );
  const entries = await submitBatch(
    ledger,
    tenantId,
    members.map(({ accountId }, index) => move('GL_SALARY', accountId, 50, { id: `entry ${index}` })),
  );
  const entryIds = entries.flatMap(({ body }) => ('entityId' in body ? [body.entityId] : []));
  const bearer = async (options?: TokenOptions) => `Bearer ${await cloud.token(options)}`;
  authorizations = {
    good: await bearer(),
    neighbour: await bearer({ tenants: [NEIGHBOUR] }),
    queriesOnly: await bearer({ rights: ['queries'] }),
    anotherSubject: await bearer({ subject: 'ANOTHER' }),
    noSuchTenant: await bearer({ tenants: [tenantId, 'CU_NOWHERE'] }),
    garbage: 'Bearer x.y.z',
    basic: 'Basic eDp5',
    none: '',
  };
  world = {
    tenantId,
    subject: ACTOR,
    authorizations: Object.keys(authorizations),
    ids: idsOf(members, [loan.entityId], entryIds),
  };
  await cloud.cloud.settled();
});
afterAll(() => cloud.stop());

function idsOf(members: readonly Member[], more: string[], entryIds: string[]): World['ids'] {
  return {
    customerId: members.map((member) => member.customerId),
    accountId: [...members.map((member) => member.accountId), ...more, 'GL_SALARY', 'GL_CARDS'],
    entryId: entryIds,
    productCode: ['TXN', 'SAVER', 'TERM', 'LOAN'],
    tenantCode: [tenantId],
  };
}

function send(request: HttpRequest): Promise<HttpAnswer> {
  const { authorization = '', ...headers } = request.headers ?? {};
  return cloud.sendUnjudged({
    ...request,
    headers: { ...headers, authorization: authorizations[authorization] ?? '' },
  });
}

/** The commands of a request, alone or in a batch, that were accepted. */
function acceptedOf(request: HttpRequest, answer: HttpAnswer): unknown[] {
  const operation = operationOf(request);
  if (!operation?.requestBody || answer.status >= 300) return [];
  const body: unknown = JSON.parse(String(request.body));
  if (operation.operationId !== 'submitCommandBatch') return [body];
  const { commands } = body as { commands: unknown[] }; // as the service found it
  const statuses = statusesIn(answer);
  return commands.filter((_, index) => (statuses[index] ?? 0) < 300);
}

/** @returns what is wrong with an answer */
function judge(request: HttpRequest, answer: HttpAnswer): string[] {
  const faults = faultsOfAnswer(request, answer);
  if (answer.text.includes(NEIGHBOUR)) faults.push('the body names another tenant');
  if (acceptedOf(request, answer).some((body) => !isDocumentedCommand(body))) {
    faults.push('a command that openapi.json forbids was accepted');
  }
  return faults;
}

function count(counts: Map<number, number>, status: number): void {
  counts.set(status, (counts.get(status) ?? 0) + 1);
}

function show(counts: Map<number, number>): string {
  return JSON.stringify(Object.fromEntries([...counts].sort(([a], [b]) => a - b)));
}

/** The statuses that the commands of a batch would have had alone; none for other answers. */
function statusesIn(answer: HttpAnswer): number[] {
  const { results = [] } = JSON.parse(answer.text) as { results?: { status: number }[] };
  return results.map((result) => result.status);
}

describe('random requests', () => {
  it(
    'draw no 5xx, and no answer that openapi.json does not describe',
    async () => {
      const statuses = new Map<number, number>();
      const inBatches = new Map<number, number>();
      const property = fc.asyncProperty(
        fc.array(requestsOf(world), { minLength: 1, maxLength: REQUESTS_AT_ONCE, size: 'max' }),
        async (requests) => {
          const answers = await Promise.all(requests.map(send));
          for (const [index, request] of requests.entries()) {
            const answer = answers[index];
            if (!answer) throw new Error('A request has no answer');
            count(statuses, answer.status);
            if (answer.status === 200) for (const status of statusesIn(answer)) count(inBatches, status);
            const faults = judge(request, answer);
            if (faults.length > 0) {
              throw new Error(
                `${request.method} ${request.path} → ${answer.status}: ${faults.join('; ')}\n${String(request.body).slice(0, 3_000)}\n→ ${answer.text.slice(0, 1_000)}\n${cloud.log.slice(-3).join('\n')}`,
              );
            }
          }
        },
      );
      const details = await fc.check(property, {
        seed: SEED,
        numRuns: RUNS,
        interruptAfterTimeLimit: TIME_LIMIT_MS,
        markInterruptAsFailure: false,
      });
      const sent = [...statuses.values()].reduce((sum, each) => sum + each, 0);
      console.info(`Fuzz: seed ${SEED}, ${sent} requests, by status ${show(statuses)}; in batches ${show(inBatches)}`);
      if (details.failed) throw new Error(`${fc.defaultReportMessage(details) ?? ''}\nRepeat with FUZZ_SEED=${SEED}`);
      // Nothing is learnt where everything ends at the door.
      expect(sent).toBeGreaterThan(1_000);
      for (const status of [200, 202, 400, 401, 403, 404, 422])
        expect(statuses.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(5);
    },
    TIME_LIMIT_MS + 30_000,
  );

  it('leave a ledger that answers, and that an independent audit finds clean', async () => {
    await submit(cloud.ledger(), createCustomer(999));
    expect(await breachesOf(cloud, tenantId)).toEqual([]);
  });
});
