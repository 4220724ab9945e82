import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DynamoDbBench, startDynamoDbBench, tableName } from '../testing/dynamodb-bench.ts';
import type { EngineAnswer } from './engine-client.ts';
import { createWriteGroups } from './write-groups.ts';

let bench: DynamoDbBench;

beforeAll(async () => {
  bench = await startDynamoDbBench();
});
afterAll(() => bench.stop());

type Item = Record<string, Record<string, unknown>>;

const key = (pk: string, sk: number): Item => ({ pk: { S: pk }, sk: { N: String(sk) } });
const put = (item: Item, more: Record<string, unknown> = {}) =>
  bench.call('PutItem', { TableName: tableName, Item: item, ...more });
const batch = (requests: unknown[], more: Record<string, unknown> = {}) =>
  bench.call('BatchWriteItem', { RequestItems: { [tableName]: requests }, ...more });
const read = async (item: Item) =>
  (
    await bench.call('GetItem', {
      TableName: tableName,
      Key: key(String(item['pk']?.['S']), Number(item['sk']?.['N'])),
    })
  ).body['Item'];
const writeUnits = () => bench.front.capacity.byTable()[tableName]?.writeUnits ?? 0;

/** One of each kind of value, of several sizes, with and without a place in the index. */
const items = (pk: string): Item[] =>
  [1, 900, 1_500, 9_000].flatMap((length, place) => [
    {
      ...key(pk, place * 2),
      text: { S: 'é"\\'.repeat(length / 5) },
      bytes: { B: Buffer.alloc(length, 7).toString('base64') },
      number: { N: '12345678901234567890.5' },
      list: { L: [{ M: { a: { BOOL: true } } }, { NULL: true }] },
      set: { SS: ['b', 'a'] },
    },
    { ...key(pk, place * 2 + 1), registry: { S: 'R' }, body: { S: 'x'.repeat(length) } },
  ]);

describe('writes that come at the same time', () => {
  it('are stored and billed as they are one by one', async () => {
    let before = writeUnits();
    for (const item of items('alone')) expect((await put(item)).status).toBe(200);
    const unitsAlone = writeUnits() - before;
    before = writeUnits();
    const answers = await Promise.all(items('together').map((item) => put(item)));
    expect(answers.map(({ status, body }) => [status, body['Attributes']])).toEqual(
      items('together').map(() => [200, undefined]),
    );
    expect(writeUnits() - before).toBe(unitsAlone);
    before = writeUnits();
    expect(await batch(items('batch').map((Item) => ({ PutRequest: { Item } })))).toMatchObject({
      status: 200,
      body: { UnprocessedItems: {} },
    });
    expect(writeUnits() - before).toBe(unitsAlone);
    for (const pk of ['together', 'batch']) {
      for (const [place, item] of items(pk).entries()) {
        const alone = (await read(items('alone')[place] ?? {})) as Item;
        expect(await read(item)).toEqual({ ...alone, pk: { S: pk } });
      }
    }
  });

  it('fail alone: a condition, a fault in a value, the same item twice', async () => {
    const condition = { ConditionExpression: 'attribute_not_exists(pk)' };
    await put(key('fails', 1));
    const answers = await Promise.all([
      put(key('fails', 0), condition),
      put(key('fails', 1), condition),
      put({ ...key('fails', 2), number: { N: 'no number' } }),
      put(key('fails', 3), condition),
      put(key('fails', 3), condition),
      put({ pk: { S: 'fails' } }),
      put(key('fails', 4), { TableName: 'Nowhere' }),
    ]);
    const told = answers.map(({ status, body: { __type } }) =>
      typeof __type === 'string' ? `${status} ${__type.replace(/^.*#/, '')}` : String(status),
    );
    const conditionFailed = '400 ConditionalCheckFailedException';
    // Of two that write the same, one or the other is first.
    const twins = told.splice(3, 2);
    expect(twins.toSorted()).toEqual(['200', conditionFailed]);
    expect(told).toEqual([
      '200',
      conditionFailed,
      '400 ValidationException',
      '400 ValidationException',
      '400 ResourceNotFoundException',
    ]);
    expect([await read(key('fails', 0)), await read(key('fails', 2))]).toEqual([key('fails', 0), undefined]);
  });

  it('are refused in the engine’s own words where a batch is none', async () => {
    const twice = { PutRequest: { Item: key('batch', 100) } };
    for (const requests of [[twice, twice], [], Array.from({ length: 26 }, () => twice)]) {
      const { status, body } = await batch(requests);
      expect([status, JSON.stringify(body)]).toEqual([400, expect.not.stringContaining('ransact')]);
    }
    expect(await read(key('batch', 100))).toBeUndefined();
  });

  it('are answered with what they ask for', async () => {
    const asked = { ReturnConsumedCapacity: 'TOTAL' };
    const answers = await Promise.all([
      put(key('asks', 1), asked),
      put(key('asks', 1), { ReturnValues: 'ALL_OLD' }),
      batch([{ PutRequest: { Item: key('asks', 2) } }, { DeleteRequest: { Key: key('asks', 3) } }], asked),
    ]);
    expect(answers[0]?.body['ConsumedCapacity']).toMatchObject({ CapacityUnits: 1 });
    expect(answers[1]?.status).toBe(200);
    expect(answers[2]?.body['ConsumedCapacity']).toMatchObject([{ CapacityUnits: 2 }]);
  });
});

describe('a group', () => {
  const answer = (status: number): EngineAnswer => ({ status, headers: {}, body: Buffer.from('{}') });
  const write = (name: string, alone: () => Promise<EngineAnswer>) => {
    const parsed = { TableName: name, Item: key(name, 1) };
    return { operation: 'PutItem', parsed, body: Buffer.from(JSON.stringify(parsed)), alone };
  };
  const groupsOver = (send: () => Promise<EngineAnswer>) =>
    createWriteGroups({
      engine: { send, stop: () => Promise.resolve() },
      capacity: bench.front.capacity,
      headers: () => ({}),
    });

  it('is one write at the engine, made while the one before is under way', async () => {
    const first = Promise.withResolvers<EngineAnswer>();
    let together = 0;
    const groups = groupsOver(() => {
      together++;
      return Promise.resolve(answer(200));
    });
    const refused = () => Promise.reject(new Error('a member of a group went alone'));
    const sent = [
      groups.send(write('a', () => first.promise)),
      ...['b', 'c'].map((n) => groups.send(write(n, refused))),
    ];
    expect(together).toBe(0);
    first.resolve(answer(200));
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(together).toBe(1);
  });

  it('that the engine refuses is taken apart: each is given its own answer', async () => {
    const first = Promise.withResolvers<EngineAnswer>();
    let together = 0;
    const groups = groupsOver(() => {
      together++;
      return Promise.resolve(answer(400));
    });
    const own = (name: string): EngineAnswer => ({ ...answer(name === 'c' ? 400 : 200), body: Buffer.from(name) });
    // Later ones answer sooner, so that an answer in its turn would be another's.
    const slow = (name: string, turns: number) => async () => {
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      return own(name);
    };
    const sent = [
      groups.send(write('a', () => first.promise)),
      ...['b', 'c', 'd', 'e'].map((name, index) => groups.send(write(name, slow(name, 8 - 2 * index)))),
    ];
    first.resolve(own('a'));
    expect(await Promise.all(sent)).toEqual(['a', 'b', 'c', 'd', 'e'].map(own));
    expect(together).toBe(1);
  });

  it('whose answer is lost is not tried again', async () => {
    const groups = groupsOver(() => Promise.reject(new Error('other side closed')));
    let alone = 0;
    const sent = ['a', 'b', 'c'].map((name) =>
      groups.send(
        write(name, () => {
          alone++;
          return Promise.resolve(answer(200));
        }),
      ),
    );
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(alone).toBe(1);
  });
});
