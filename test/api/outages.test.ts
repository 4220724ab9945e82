import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import { type FaultPlan, seededFaults } from '../../src/local/dynamodb/faults.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createCustomer, move } from '../support/ledger.ts';
import { breachesOf } from './support/audit.ts';
import { type Member, openBank } from './support/bank.ts';
import type { HttpAnswer } from './support/http.ts';
import { ALL_ROUTES, requestOf } from './support/paths.ts';

const tenantId = 'CU_TEST';
const MEMBERS = 16;
/** Statuses that tell a client to try again with the same key. API Gateway answers 500 for a function that ended while it worked. */
const RETRYABLE = new Set([500, 503]);
const MAX_TRIES = 30;

// Outages are waited out, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

let cloud: TestCloud;
let ledger: LedgerClient;
let members: Member[];
let authorization: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger();
  members = await openBank(ledger, { tenantId, members: MEMBERS, deposit: 1_000 });
  authorization = `Bearer ${await cloud.token()}`;
  await cloud.cloud.settled();
});
afterEach(() => cloud.cloud.setFaults(undefined));
afterAll(() => cloud.stop());

const accountOf = (index: number): string => members[index % MEMBERS]?.accountId ?? '';
const request = (command: CommandEnvelope) => ({
  method: 'POST',
  path: `/v1/tenants/${tenantId}/commands`,
  headers: { authorization, 'content-type': 'application/json' },
  body: JSON.stringify(command),
});
const balanceOf = async (accountId: string): Promise<number | undefined> =>
  (await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/balance', { params: { path: { tenantId, accountId } } }))
    .data?.balance;

/** Sends a command until it is decided, as a client would that wants it done. */
async function persist(command: CommandEnvelope, onRetry: (status: number) => void): Promise<HttpAnswer> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const answer = await cloud.sendUnjudged(request(command));
    if (!RETRYABLE.has(answer.status)) return answer;
    onRetry(answer.status);
    expect(answer.text).not.toMatch(/ at |\.ts|Runtime|Error:/);
    await new Promise((resolve) => setTimeout(resolve, 20 * tries));
  }
  throw new Error(`Command "${command.commandId}" was not decided in ${MAX_TRIES} tries`);
}

/** Appends are refused, transactions and reads find nobody. */
const outage: FaultPlan = ({ operation }) => ({ kind: operation === 'PutItem' ? 'throttle' : 'reset' });

describe('while the journal', () => {
  it('cannot be reached, every route answers 503 with Retry-After, and retries with the same keys are applied once', async () => {
    const commands = [
      move('GL_SALARY', accountOf(0), 1, { id: 'put' }),
      move(accountOf(1), accountOf(0), 2, { id: 'transaction' }),
      createCustomer(300),
    ];
    const values = {
      tenantId,
      customerId: members[0]?.customerId ?? '',
      accountId: accountOf(0),
      entryId: 'ent_00_1_000000000000',
      chain: '00',
      number: '1',
    };
    const queries = ALL_ROUTES.filter((route) => route.handler === 'query').map((route) => ({
      ...requestOf(route, values),
      headers: { authorization },
    }));
    cloud.cloud.setFaults(outage);
    const answers = await Promise.all([...commands.map(request), ...queries].map((each) => cloud.send(each)));
    cloud.cloud.setFaults(undefined);
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.text)).toMatchObject({ error: 'ServiceUnavailable' });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    for (const command of commands) {
      const retry = await cloud.send(request(command));
      expect(retry.status).toBe(202);
      expect((await cloud.send(request(command))).text).toBe(retry.text);
    }
    expect(
      (
        await cloud.send({
          ...request(commands[0] ?? createCustomer(0)),
          path: `/v1/tenants/${tenantId}/commands?dryRun=true`,
        })
      ).status,
    ).toBe(200);
  });

  it('appends and its answer is lost, a command gets its one true answer', async () => {
    cloud.cloud.setFaults(({ operation }) => (operation === 'PutItem' ? { kind: 'lost-answer' } : undefined));
    const first = await cloud.send(request(move('GL_SALARY', accountOf(0), 4, { id: 'lost' })));
    cloud.cloud.setFaults(undefined);
    expect(first.status).toBe(202);
    expect((await cloud.send(request(move('GL_SALARY', accountOf(0), 4, { id: 'lost' })))).text).toBe(first.text);
  });

  it('had all these faults, each command was applied once', async () => {
    await cloud.cloud.settled();
    expect(await balanceOf(accountOf(0))).toBe(1_007);
  });
});

describe('while the views', () => {
  const chains = async () =>
    (await ledger.GET('/tenants/{tenantId}/chains', { params: { path: { tenantId } } })).data?.chains ?? [];
  const lagging = async () =>
    (await chains()).filter((each) => each.projectedSeq < each.headSeq).map((each) => each.chain);

  it('cannot be written, commands are accepted all the same, and the sweep makes up for what the stream gave up', async () => {
    const viewsTable = cloud.cloud.outputs['ViewsTableName'] ?? '';
    const accountId = accountOf(9);
    cloud.cloud.setFaults(({ body }) => (body.includes(viewsTable) ? { kind: 'reset' } : undefined));
    expect((await cloud.send(request(move('GL_SALARY', accountId, 8, { id: 'unseen' })))).status).toBe(202);
    await expect.poll(() => cloud.log.some((line) => line.includes('gave up')), { timeout: 20_000 }).toBe(true);
    cloud.cloud.setFaults(undefined);
    expect(await lagging()).toEqual([accountId.slice(4, 6)]);
    expect(await cloud.cloud.invoke('SweepFunction', {})).toMatchObject({
      lagging: [`${tenantId}#chain#${accountId.slice(4, 6)}`],
    });
    await expect.poll(lagging, { timeout: 10_000 }).toEqual([]);
    expect(await balanceOf(accountId)).toBe(1_008);
  });
});

describe('under load', () => {
  it('with the command function killed again and again, retries complete and nothing is lost or doubled', async () => {
    const before = await Promise.all(members.map((member) => balanceOf(member.accountId)));
    const commands = Array.from({ length: 400 }, (_, index) =>
      index % 4 === 0
        ? move(accountOf(index), accountOf(index + 5), 1, { id: `killed ${index}` })
        : move('GL_SALARY', accountOf(index), 1, { id: `killed ${index}` }),
    );
    const retried: number[] = [];
    const load = { running: true };
    const killing = (async () => {
      for (let kills = 0; load.running && kills < 5; kills += 1) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        await cloud.cloud.killFunction('CommandFunction');
      }
    })();
    const answers = await inParallel(commands, 32, (command) => persist(command, (status) => retried.push(status)));
    load.running = false;
    await killing;
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    // A load that no kill interrupted would show nothing.
    expect(retried.length).toBeGreaterThan(0);
    const again = await inParallel(commands, 32, (command) => cloud.send(request(command)));
    expect(again.map((answer) => answer.text)).toEqual(answers.map((answer) => answer.text));

    await cloud.cloud.settled();
    const moved = (accountId: string) =>
      commands
        .flatMap((command) => (command.commandType === 'PostEntry' ? command.payload.legs : []))
        .filter((leg) => leg.accountId === accountId)
        .reduce((sum, leg) => sum + (leg.direction === 'DEBIT' ? leg.amount : -leg.amount), 0);
    for (const [index, { accountId }] of members.entries()) {
      expect(await balanceOf(accountId)).toBe((before[index] ?? 0) + moved(accountId));
    }
  });

  it('with throttling, conflicts, lost answers and broken connections, every command is applied once', async () => {
    const before = await balanceOf(accountOf(1));
    const rates = { throttle: 0.1, conflict: 0.05, lostAnswer: 0.1, reset: 0.05, delay: 0.1, delayMs: 50 };
    cloud.cloud.setFaults(seededFaults({ seed: 7, rates, operations: ['PutItem', 'TransactWriteItems', 'Query'] }));
    const commands = Array.from({ length: 200 }, (_, index) =>
      move(index % 5 === 0 ? accountOf(2 + (index % 14)) : 'GL_SALARY', accountOf(1), 1, { id: `faulted ${index}` }),
    );
    const answers = await inParallel(commands, 16, (command) => persist(command, () => undefined));
    cloud.cloud.setFaults(undefined);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    await cloud.cloud.settled();
    expect(await balanceOf(accountOf(1))).toBe((before ?? 0) + commands.length);
  });

  it('beyond what may wait, commands get 429 with Retry-After; what waited when the function ended is retried', async () => {
    cloud.cloud.setFaults(outage);
    const batchPath = `/v1/tenants/${tenantId}/commands/batch`;
    const full = { reached: false };
    // Twenty batches of a thousand are all that may wait. One that is given up comes again, as its sender would have it.
    const waiting = Array.from({ length: 20 }, async (_, batch) => {
      const commands = Array.from({ length: 1_000 }, (__, index) =>
        move('GL_SALARY', accountOf(2), 0.01, { id: `waiting ${batch} ${index}` }),
      );
      const sending = { ...request(createCustomer(0)), path: batchPath, body: JSON.stringify({ commands }) };
      const answers: HttpAnswer[] = [];
      while (!full.reached) answers.push(await cloud.sendUnjudged(sending));
      return answers;
    });
    const elsewhere =
      members.find(({ accountId }) => accountId.slice(0, 6) !== accountOf(2).slice(0, 6))?.accountId ?? '';
    const one = request(move('GL_SALARY', elsewhere, 1, { id: 'one too many' }));
    // A dry run takes no place among those that wait.
    const ask = () => cloud.send({ ...one, path: `${one.path}?dryRun=true` });
    let answer = await ask();
    while (answer.status === 503) answer = await ask();
    full.reached = true;
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'TooManyRequests' });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1']);

    await cloud.cloud.killFunction('CommandFunction');
    cloud.cloud.setFaults(undefined);
    for (const { status, text } of (await Promise.all(waiting)).flat()) {
      expect([200, 500]).toContain(status);
      expect(text).not.toMatch(/ at |\.ts|Runtime|Error:/);
    }
    expect((await cloud.send(one)).status).toBe(202);
  });

  it('leaves every chain, balance and view as an independent audit recomputes them', async () => {
    expect(await breachesOf(cloud, tenantId)).toEqual([]);
  });
});

/** Maps with at most so many under way at a time. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of queue) results[index] = await map(item);
    }),
  );
  return results;
}
