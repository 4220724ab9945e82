import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DynamoDbBench, startDynamoDbBench, tableName } from '../testing/dynamodb-bench.ts';
import { seededFaults } from './faults.ts';

let bench: DynamoDbBench;

beforeAll(async () => {
  bench = await startDynamoDbBench();
});
afterEach(() => bench.front.setFaults(undefined));
afterAll(() => bench.stop());

const put = (pk: string, sk: number, more: Record<string, unknown> = {}, accessKeyId?: string) =>
  bench.call(
    'PutItem',
    {
      TableName: tableName,
      Item: { pk: { S: pk }, sk: { N: String(sk) }, body: { S: `line ${sk}` } },
      ConditionExpression: 'attribute_not_exists(pk)',
      ...more,
    },
    accessKeyId,
  );
const get = (pk: string, sk: number, accessKeyId?: string) =>
  bench.call(
    'GetItem',
    { TableName: tableName, Key: { pk: { S: pk }, sk: { N: String(sk) } }, ConsistentRead: true },
    accessKeyId,
  );

interface Record_ {
  eventName: string;
  tableName: string;
  recordFormat: string;
  eventSource: string;
  dynamodb: {
    Keys: { pk: { S: string }; sk: { N: string } };
    NewImage?: Record<string, unknown>;
    SizeBytes: number;
    ApproximateCreationDateTime: number;
  };
}

let iterator: string | undefined;

/** Records published since the last call, in the stream's order. */
async function published(): Promise<{ partitionKey: string; record: Record_ }[]> {
  await bench.publisher.drained();
  const streamName = 'Test-Stream';
  iterator ??= await bench.streams.iterator({ streamName, shardId: 'shardId-000000000000', position: 'TRIM_HORIZON' });
  const { records, nextIterator } = await bench.streams.read(iterator, 1_000);
  iterator = nextIterator;
  return records.map(({ PartitionKey, Data }) => ({
    partitionKey: PartitionKey,
    record: JSON.parse(Buffer.from(Data, 'base64').toString()) as Record_,
  }));
}

describe('requests', () => {
  it('pass to the engine and back', async () => {
    expect((await put('CU_A#chain#00', 1)).status).toBe(200);
    expect((await get('CU_A#chain#00', 1)).body['Item']).toMatchObject({ body: { S: 'line 1' } });
    const refused = await put('CU_A#chain#00', 1);
    expect(refused).toMatchObject({
      status: 400,
      body: { __type: expect.stringContaining('ConditionalCheckFailedException') },
    });
  });

  it('count units per table as the engine tells them, refused conditions too', async () => {
    const before = bench.front.capacity.byTable()[tableName] ?? { writeUnits: 0, readUnits: 0, requests: 0 };
    await put('units', 1);
    await put('units', 1); // the condition fails, 1 KB is billed
    await put('units', 2, { ReturnConsumedCapacity: 'NONE' });
    await bench.call('TransactWriteItems', {
      TransactItems: [3, 4].map((sk) => ({
        Put: { TableName: tableName, Item: { pk: { S: 'units' }, sk: { N: String(sk) } } },
      })),
    });
    await get('units', 1); // consistent: 1 unit
    await bench.call('Query', {
      TableName: tableName,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'units' } },
    });
    const after = bench.front.capacity.byTable()[tableName];
    expect(after?.writeUnits).toBe(before.writeUnits + 1 + 1 + 1 + 4);
    expect(after?.readUnits).toBe(before.readUnits + 1 + 0.5);
  });
});

describe('tenant credentials', () => {
  const tenant = (TenantID: string) =>
    bench.principals.issue({ roleArn: bench.tenantRoleArn, sessionName: 'session', tags: { TenantID } }).accessKeyId;

  it('reach the tenant’s own items', async () => {
    const key = tenant('CU_T');
    expect((await put('CU_T#chain#01', 1, {}, key)).status).toBe(200);
    expect((await get('CU_T#chain#01', 1, key)).body['Item']).toBeDefined();
    const query = {
      TableName: tableName,
      KeyConditionExpression: '#k = :p AND sk > :s',
      ExpressionAttributeNames: { '#k': 'pk' },
    };
    const values = { ExpressionAttributeValues: { ':p': { S: 'CU_T#chain#01' }, ':s': { N: '0' } } };
    expect((await bench.call('Query', { ...query, ...values }, key)).body['Count']).toBe(1);
    const transaction = {
      TransactItems: [{ Put: { TableName: tableName, Item: { pk: { S: 'CU_T#x' }, sk: { N: '1' } } } }],
    };
    expect((await bench.call('TransactWriteItems', transaction, key)).status).toBe(200);
  });

  const foreign = 'CU_OTHER#chain#01';
  const neighbour = 'CU_TX#chain#01';
  const Key = (pk: string) => ({ pk: { S: pk }, sk: { N: '1' } });
  it.each([
    ['another tenant’s item', 'GetItem', { TableName: tableName, Key: Key(foreign) }],
    ['a prefix neighbour’s item', 'GetItem', { TableName: tableName, Key: Key(neighbour) }],
    ['a put under another tenant', 'PutItem', { TableName: tableName, Item: Key(foreign) }],
    [
      'a query of another tenant',
      'Query',
      { TableName: tableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: foreign } } },
    ],
    [
      'a query whose sort key only is one’s own',
      'Query',
      {
        TableName: tableName,
        KeyConditionExpression: 'pk = :p AND sk = :t',
        ExpressionAttributeValues: { ':p': { S: foreign }, ':t': { S: 'CU_T#1' } },
      },
    ],
    [
      'a query of an index',
      'Query',
      {
        TableName: tableName,
        IndexName: 'registry',
        KeyConditionExpression: 'registry = :p',
        ExpressionAttributeValues: { ':p': { S: 'CU_T#1' } },
      },
    ],
    ['a scan', 'Scan', { TableName: tableName }],
    ['a delete', 'DeleteItem', { TableName: tableName, Key: Key('CU_T#1') }],
    [
      'a batch read with one foreign key',
      'BatchGetItem',
      { RequestItems: { [tableName]: { Keys: [Key('CU_T#1'), Key(neighbour)] } } },
    ],
    [
      'a transaction with one foreign put',
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: tableName, Item: Key('CU_T#9') } },
          { Put: { TableName: tableName, Item: Key(foreign) } },
        ],
      },
    ],
    ['a statement in PartiQL', 'ExecuteStatement', { Statement: `SELECT * FROM "${tableName}"` }],
    ['a body that is no JSON object', 'GetItem', [] as unknown as Record<string, unknown>],
  ])('are refused %s', async (_name, operation, body) => {
    await put(foreign, 1);
    await put(neighbour, 1);
    const answer = await bench.call(operation, body, tenant('CU_T'));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      __type: expect.stringContaining('AccessDeniedException'),
      Message: expect.stringMatching(
        /is not authorized to perform: dynamodb:\w+ on resource: .*because no identity-based policy allows/,
      ),
    });
    expect((await get('CU_T#9', 1)).body['Item']).toBeUndefined();
  });

  it('end when they expire, and invented ones are refused', async () => {
    const expired = bench.principals.issue({
      roleArn: bench.tenantRoleArn,
      sessionName: 's',
      tags: { TenantID: 'CU_T' },
      durationMs: -1,
    });
    for (const key of [expired.accessKeyId, 'ASIAINVENTED']) {
      expect((await get('CU_T#chain#01', 1, key)).body).toMatchObject({
        __type: expect.stringContaining('UnrecognizedClientException'),
      });
    }
  });
});

describe('change records', () => {
  it('have the form of Kinesis Data Streams for DynamoDB', async () => {
    await published();
    await put('CU_F#chain#00', 7);
    const [only, ...others] = await published();
    expect(others).toEqual([]);
    expect(only?.partitionKey).toBe('CU_F#chain#00');
    expect(only?.record).toMatchObject({
      awsRegion: 'ap-southeast-2',
      eventName: 'INSERT',
      userIdentity: null,
      recordFormat: 'application/json',
      tableName,
      eventSource: 'aws:dynamodb',
      eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      dynamodb: {
        Keys: { pk: { S: 'CU_F#chain#00' }, sk: { N: '7' } },
        NewImage: { pk: { S: 'CU_F#chain#00' }, sk: { N: '7' }, body: { S: 'line 7' } },
      },
    });
    expect(only?.record.dynamodb.ApproximateCreationDateTime).toBeGreaterThan(Date.now() - 10_000);
  });

  it('come for each successful write exactly, in order for each key, under contention', async () => {
    await published();
    const writers = 8;
    const outcomes = await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const own: string[] = [];
        for (let sk = 1; sk <= 20; sk++) {
          const shared = await put('CU_O#shared', sk); // all writers race for each of these
          if (shared.status === 200) own.push(`CU_O#shared ${sk}`);
          if ((await put(`CU_O#${writer}`, sk)).status === 200) own.push(`CU_O#${writer} ${sk}`);
        }
        return own;
      }),
    );
    const records = await published();
    const names = records.map(({ record }) => `${record.dynamodb.Keys.pk.S} ${record.dynamodb.Keys.sk.N}`);
    expect([...names].sort()).toEqual(outcomes.flat().sort());
    expect(names.length).toBe(20 + writers * 20);
    for (let writer = 0; writer < writers; writer++) {
      const own = records
        .filter(({ partitionKey }) => partitionKey === `CU_O#${writer}`)
        .map(({ record }) => Number(record.dynamodb.Keys.sk.N));
      expect(own).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    }
  });

  it('come for every part of a transaction or none, and for batches, updates and deletes', async () => {
    await published();
    const parts = (sk: number) =>
      ['a', 'b'].map((name) => ({
        Put: {
          TableName: tableName,
          Item: { pk: { S: `CU_P#${name}` }, sk: { N: String(sk) } },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      }));
    expect((await bench.call('TransactWriteItems', { TransactItems: parts(1) })).status).toBe(200);
    expect(
      (await bench.call('TransactWriteItems', { TransactItems: [...parts(2).slice(0, 1), ...parts(1).slice(1)] }))
        .status,
    ).toBe(400);
    expect((await published()).map(({ partitionKey }) => partitionKey)).toEqual(['CU_P#a', 'CU_P#b']);

    const Key = { pk: { S: 'CU_P#c' }, sk: { N: '1' } };
    await bench.call('BatchWriteItem', {
      RequestItems: {
        [tableName]: [
          { PutRequest: { Item: { ...Key, n: { N: '0' } } } },
          { DeleteRequest: { Key: { pk: { S: 'CU_P#a' }, sk: { N: '1' } } } },
        ],
      },
    });
    await bench.call('UpdateItem', {
      TableName: tableName,
      Key,
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    });
    await bench.call('DeleteItem', { TableName: tableName, Key });
    const changes = (await published()).map(({ partitionKey, record }) => [
      partitionKey,
      record.eventName,
      record.dynamodb.NewImage?.['n'],
    ]);
    expect(changes).toEqual([
      ['CU_P#c', 'MODIFY', { N: '0' }],
      ['CU_P#a', 'REMOVE', undefined],
      ['CU_P#c', 'MODIFY', { N: '1' }],
      ['CU_P#c', 'REMOVE', undefined],
    ]);
  });
});

describe('faults', () => {
  it('throttle and conflict before the engine sees the request', async () => {
    bench.front.setFaults(() => ({ kind: 'throttle' }));
    expect((await put('CU_X#1', 1)).body['__type']).toContain('ProvisionedThroughputExceededException');
    bench.front.setFaults(() => ({ kind: 'conflict' }));
    expect((await put('CU_X#1', 1)).body['__type']).toContain('TransactionConflictException');
    const transaction = await bench.call('TransactWriteItems', { TransactItems: [] });
    expect(transaction.body).toMatchObject({
      __type: expect.stringContaining('TransactionCanceledException'),
      CancellationReasons: [{ Code: 'TransactionConflict' }],
    });
    bench.front.setFaults(undefined);
    expect((await get('CU_X#1', 1)).body['Item']).toBeUndefined();
  });

  it('a reset connection leaves nothing written; a lost answer leaves the write and its record', async () => {
    await published();
    bench.front.setFaults(() => ({ kind: 'reset' }));
    await expect(put('CU_X#2', 1)).rejects.toThrow();
    bench.front.setFaults(() => ({ kind: 'lost-answer' }));
    await expect(put('CU_X#3', 1)).rejects.toThrow();
    bench.front.setFaults(undefined);
    expect((await get('CU_X#2', 1)).body['Item']).toBeUndefined();
    expect((await get('CU_X#3', 1)).body['Item']).toBeDefined();
    expect((await published()).map(({ partitionKey }) => partitionKey)).toEqual(['CU_X#3']);
  });

  it('unprocessed items are handed back, not written and not published', async () => {
    await published();
    const request = (sk: number) => ({ PutRequest: { Item: { pk: { S: 'CU_X#4' }, sk: { N: String(sk) } } } });
    bench.front.setFaults(() => ({ kind: 'unprocessed' }));
    const answer = await bench.call('BatchWriteItem', { RequestItems: { [tableName]: [request(1), request(2)] } });
    bench.front.setFaults(undefined);
    expect(answer.body['UnprocessedItems']).toEqual({ [tableName]: [request(2)] });
    expect((await get('CU_X#4', 2)).body['Item']).toBeUndefined();
    expect((await published()).map(({ record }) => record.dynamodb.Keys.sk.N)).toEqual(['1']);
  });

  it('are the same for the same seed', () => {
    const kinds = (seed: number) => {
      const plan = seededFaults({
        seed,
        rates: { throttle: 0.2, conflict: 0.2, lostAnswer: 0.2, delay: 0.2 },
        operations: ['PutItem'],
      });
      return Array.from({ length: 100 }, () => plan({ operation: 'PutItem', body: Buffer.alloc(0) })?.kind ?? 'none');
    };
    expect(kinds(1)).toEqual(kinds(1));
    expect(kinds(1)).not.toEqual(kinds(2));
    expect(new Set(kinds(1)).size).toBe(5);
    expect(
      seededFaults({ seed: 1, rates: { throttle: 1 }, operations: ['PutItem'] })({
        operation: 'Query',
        body: Buffer.alloc(0),
      }),
    ).toBeUndefined();
  });
});
