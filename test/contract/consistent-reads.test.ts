import { beforeEach, describe, expect, it } from 'vitest';
import { createDynamoSource } from '../../src/audit/dynamodb-source.ts';
import { fullChainName } from '../../src/core/chain/name.ts';
import type { DynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import type { Reservation } from '../../src/journal/port.ts';
import { createDynamoSnapshots } from '../../src/journal/snapshots/dynamodb-snapshots.ts';
import { createDynamoRebuildStore } from '../../src/views/rebuild/dynamodb-rebuild-store.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { Engine, JOURNAL, SNAPSHOTS, VIEWS } from '../simulation/system/engine.ts';
import { commitsOfDrafts, customer } from '../support/commits.ts';

const NOW_MS = 1_000;
const tenantId = 'CU_A';
const ref = { tenantId, chain: '00' };
const pk = fullChainName(ref);

/** A store in which whoever does not ask for a consistent read sees nothing of what was written; batches are done one by one. */
function setUp() {
  const engine = new Engine({ nowMs: () => NOW_MS, landed: () => undefined });
  const mood = { most: 1, blindSinceMs: NOW_MS - 1 };
  const client: DynamoDb = {
    send: async (name, request): Promise<never> => engine.do({ name, request } as never, mood) as never, // they belong together
    close: () => undefined,
  };
  return client;
}

let client: DynamoDb;
beforeEach(() => {
  client = setUp();
});

it('a read that is not consistent sees nothing here', async () => {
  await client.send('PutItem', { TableName: VIEWS, Item: { pk: { S: 'a' }, sk: { S: 'b' } } });
  const query = {
    TableName: VIEWS,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: 'a' } },
  };
  expect((await client.send('Query', query)).Items).toEqual([]);
  expect((await client.send('Query', { ...query, ConsistentRead: true })).Items).toHaveLength(1);
});

describe('what was written a moment ago is seen', () => {
  const commits = commitsOfDrafts(ref, [[customer('cust_00_a')], [customer('cust_00_b')]]);
  const reservation: Reservation = { tenantId, kind: 'mobile', digest: '0'.repeat(64), holder: 'cust_00_a' };
  const writeJournal = async () => {
    const journal = createDynamoJournal({ client, tableName: JOURNAL });
    for (const [index, commit] of commits.entries())
      await journal.append({ commits: [commit], reservations: index === 0 ? [reservation] : [] });
    return journal;
  };
  const rows = ['1', '2'].map((sk) => ({ key: { pk: `${tenantId}#test`, sk }, doc: { is: sk } }));
  const keys = rows.map(({ key }) => key);

  it('by all who read the journal', async () => {
    const journal = await writeJournal();
    expect(await Array.fromAsync(journal.read(ref, { afterSeq: 0 }))).toEqual(commits);
    expect(await journal.lastCommit(ref)).toEqual(commits[1]);
    expect(await journal.commitAt(ref, 1)).toEqual(commits[0]);
    expect(await journal.taken([reservation])).toEqual([reservation]);
  });

  it('by all who read the views', async () => {
    const views = createDynamoViews({ client, tableName: VIEWS, backOff: async () => undefined });
    await views.put(rows);
    expect(await views.get(keys)).toEqual(rows.map(({ doc }) => doc));
    expect(await views.list(`${tenantId}#test`)).toEqual(rows.map(({ key, doc }) => ({ sk: key.sk, doc })));
  });

  it('by a rebuild', async () => {
    const store = createDynamoRebuildStore({ client, tableName: VIEWS, backOff: async () => undefined });
    await store.put(rows);
    expect(await store.raw({ pk: `${tenantId}#test`, sk: '1' })).toBeDefined();
    expect((await store.partition(`${tenantId}#test`)).rows).toHaveLength(1);
    expect((await store.tenant(tenantId)).rows).toHaveLength(2);
  });

  it('by whoever looks for a snapshot', async () => {
    const store = createDynamoSnapshots({ client, tableName: SNAPSHOTS });
    const manifest = { text: '{}', digest: '0'.repeat(64) };
    await store.replace(ref, { manifest, pieces: new Map(), previous: undefined, dropped: [] });
    expect(await store.newest(ref)).toEqual(manifest);
  });

  it('by the audit', async () => {
    await writeJournal();
    await createDynamoViews({ client, tableName: VIEWS, backOff: async () => undefined }).put(rows);
    const source = createDynamoSource({ client, journalTable: JOURNAL, viewsTable: VIEWS });
    expect((await Array.fromAsync(source.chainItems(pk, { afterSeq: 0 }))).flat()).toHaveLength(2);
    expect((await Array.fromAsync(source.otherItems({ chainPks: [], tenantId: undefined }))).flat()).toHaveLength(3);
    expect(await source.lastItem(pk)).toMatchObject({ pk });
    expect(await source.viewPartition(`${tenantId}#test`)).toHaveLength(2);
    expect(await source.viewRow(`${tenantId}#test`, '1')).toMatchObject({ sk: '1' });
    expect((await Array.fromAsync(source.viewRows({ tenantId }))).flat()).toHaveLength(2);
  });
});
