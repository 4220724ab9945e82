import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/contract/limits.ts';
import { createCustomer, move, openAccount } from '../../support/ledger.ts';
import { type Bench, COMMANDS, refusalOf, startBench } from '../support/bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

const members = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',');
const inPayload = (json: string) => (text: string) => text.replace('"payload":{', `"payload":{${json},`);

let count = 0;
const entry = (change: object = {}) =>
  move('GL_SALARY', bench.values['accountId'] ?? '', 1, { id: `hostile ${(count += 1)}`, change });
const post = (body: string, path = COMMANDS) =>
  bench.send({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body });

describe('names of every object', () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

  it.each(NAMES)('%s: no account, no customer, no product and no tenant is called so', async (name) => {
    const before = await bench.journal();
    const leg = (accountId: string, direction: string) => ({ accountId, direction, amount: 1 });
    const legs = [leg(name, 'CREDIT'), leg('GL_A', 'DEBIT')];
    const tenant = `/v1/tenants/${name}/commands`;
    const answers = [
      await post(JSON.stringify(entry({ legs })), `${COMMANDS}?dryRun=true`),
      await post(JSON.stringify(openAccount(name, { id: name })), `${COMMANDS}?dryRun=true`),
      await post(JSON.stringify({ ...entry(), tenantId: name }), tenant),
      await post(JSON.stringify({ ...entry(), commandType: name })),
      await post(JSON.stringify(openAccount(bench.values['customerId'] ?? '', { id: name, productCode: name }))),
    ];
    expect(answers.map(refusalOf)).toEqual([
      [422, 'AccountUnknown'],
      [422, 'CustomerUnknown'],
      ...Array.from({ length: 3 }, () => [400, 'ValidationError']),
    ]);
    expect(await bench.journal()).toEqual(before);
  });

  it.each(NAMES)('%s: good keys, references and narratives, remembered like others', async (name) => {
    const text = JSON.stringify(move('GL_SALARY', 'GL_CASH', 1, { id: name, key: name }));
    const first = await post(text);
    const before = await bench.journal();
    expect([first.status, (await post(text)).text]).toEqual([202, first.text]);
    const other = move('GL_SALARY', 'GL_CASH', 2, { id: `other ${name}`, key: name });
    expect(refusalOf(await post(JSON.stringify(other)))).toEqual([409, 'IdempotencyKeyReused']);
    expect(await bench.journal()).toEqual(before);

    const number = 500 + NAMES.indexOf(name);
    const customer = (index: number) => {
      const command = createCustomer(index);
      return post(JSON.stringify({ ...command, payload: { ...command.payload, externalRef: name } }));
    };
    expect((await customer(number)).status).toBe(202);
    expect(refusalOf(await customer(number + 100))).toEqual([422, 'ExternalRefTaken']);
  });
});

describe('a batch of hostile commands', () => {
  const batch = (commands: string[]) => post(`{"commands":[${commands.join(',')}]}`, `${COMMANDS}/batch`);

  it('is answered within what a function may answer, however many faults it has', async () => {
    const before = await bench.journal();
    const faulty = inPayload(members(390))(JSON.stringify(entry()));
    const answer = await batch(Array.from({ length: LIMITS.batchCommands }, () => faulty));
    const { results } = JSON.parse(answer.text) as {
      results: { status: number; body: { details: { faults: { path: string; message: string }[] } } }[];
    };
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([400]));
    expect(results).toHaveLength(LIMITS.batchCommands);
    const faults = results[0]?.body.details.faults ?? [];
    expect(faults).toHaveLength(LIMITS.faults + 1);
    expect(faults.at(-1)).toEqual({ path: '', message: 'and 374 more faults' });
    expect(await bench.journal()).toEqual(before);
  });

  it('names members in short, however long they are', async () => {
    const long = `"${'€'.repeat(50_000)}":1`;
    const answer = await post(inPayload(long)(JSON.stringify(entry())));
    expect(refusalOf(answer)).toEqual([400, 'ValidationError']);
    expect(answer.text.length).toBeLessThan(1_000);
  });

  it('of members by the hundred thousand is refused as a whole', async () => {
    expect(refusalOf(await post(`{${members(400_000)}}`, `${COMMANDS}/batch`))).toEqual([400, 'ValidationError']);
  });

  it('of a million commands is refused as a whole', async () => {
    expect(refusalOf(await batch(Array<string>(1_000_000).fill('{}')))).toEqual([400, 'ValidationError']);
  });

  it('of more legs than the answer could tell of is refused before anything is written', async () => {
    const before = await bench.journal();
    const leg = (direction: string, index: number) => ({ accountId: `GL_${index}`, direction, amount: 1 });
    const legs = Array.from({ length: LIMITS.legs }, (_, index) => leg(index % 2 ? 'DEBIT' : 'CREDIT', index));
    const commands = Array.from({ length: LIMITS.batchLegs / LIMITS.legs + 1 }, () => JSON.stringify(entry({ legs })));
    expect(refusalOf(await batch(commands))).toEqual([400, 'ValidationError']);
    expect(await bench.journal()).toEqual(before);
    // One less is the most there can be: it is written, and told.
    const most = await batch(commands.slice(1));
    expect(most.text.length).toBeLessThan(6 * 1024 * 1024);
    const { results } = JSON.parse(most.text) as { results: { status: number }[] };
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([202]));
  });

  it('leaves the good ones among them be', async () => {
    const good = JSON.stringify(entry());
    const commands = [
      good,
      '['.repeat(50_000) + ']'.repeat(50_000),
      inPayload('"x":1')(JSON.stringify(entry())),
      'null',
      '[]',
      '"__proto__"',
    ];
    const { results } = JSON.parse((await batch(commands)).text) as { results: { status: number }[] };
    expect(results.map(({ status }) => status)).toEqual([202, 400, 400, 400, 400, 400]);
  });
});
