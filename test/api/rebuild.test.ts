import { afterAll, beforeAll, expect, it } from 'vitest';
import { rebuildAll } from '../../src/cli/rebuild/run-rebuild.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { accountKey, cursorKey, statementPageKey } from '../../src/views/keys.ts';
import { createDynamoRebuildStore } from '../../src/views/rebuild/dynamodb-rebuild-store.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import type { RowKey } from '../../src/views/row.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { move } from '../support/ledger.ts';
import { cleanRows } from '../support/rebuilds.ts';
import { breachesOf } from './support/audit.ts';
import { openBank } from './support/bank.ts';
import { submit } from './support/submit.ts';

const TENANT = 'CU_TEST';

let cloud: TestCloud;
let store: RebuildStore;
let client: ReturnType<typeof createDynamoDb>;
beforeAll(async () => {
  cloud = await startTestCloud();
  const { endpoints, outputs } = cloud.cloud;
  client = createDynamoDb({
    address: { region: 'ap-southeast-2', endpoint: new URL(endpoints.dynamodb) },
    credentials: () => ({ accessKeyId: 'local', secretAccessKey: 'local' }),
  });
  store = createDynamoRebuildStore({ client, tableName: outputs['ViewsTableName'] ?? '' });
});
afterAll(async () => {
  client.close();
  await cloud.stop();
});

async function rows(): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (let from: RowKey | undefined, done = false; !done;) {
    const page = await store.tenant(TENANT, from);
    for (const { key, text = 'null' } of page.rows) all[`${key.pk} ${key.sk}`] = JSON.parse(text);
    from = page.next;
    done = from === undefined;
  }
  return all;
}

it('rebuilds damaged views over HTTP while commands keep arriving, row by row as the journal has them', async () => {
  const ledger = cloud.ledger();
  const members = await openBank(ledger, { tenantId: TENANT, members: 12, deposit: 1_000 });
  await cloud.cloud.settled();
  const [victim, other] = [members[0]!.accountId, members[1]!.accountId];
  const [row] = await store.get([accountKey(TENANT, victim)]);
  await store.put([
    { key: accountKey(TENANT, victim), doc: { ...row!, balanceMinor: 1 } },
    { key: accountKey(TENANT, 'acc_03_00000000000000000000'), doc: { seq: 1 } },
    { key: statementPageKey({ tenantId: TENANT, accountId: victim, page: 7 }), doc: {} },
    { key: cursorKey({ tenantId: TENANT, chain: other.slice(4, 6) }), doc: { seq: 'none' } },
  ]);
  await store.drop([accountKey(TENANT, other)]);

  let isOver = false;
  const living = (async () => {
    let sent = 0;
    for (; !isOver; sent += 1) {
      const [from, to] = [members[2 + (sent % 5)]!, members[7 + (sent % 5)]!];
      await submit(ledger, move(from.accountId, to.accountId, 1, { id: `meanwhile ${sent}` }));
      const balance = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}', {
        params: { path: { tenantId: TENANT, accountId: to.accountId } },
      });
      expect(balance.response.status).toBe(200); // queries go on being answered
    }
    return sent;
  })();
  let told = '';
  const stream = { write: (text: string) => (told += text) };
  const context = { terminal: createTerminal({ stdout: stream, stderr: stream, env: {} }), now: Date.now };
  const stop = new AbortController().signal;
  await rebuildAll((id, payload) => cloud.cloud.invoke(id, payload), { tenantId: TENANT }, { ...context, stop });
  isOver = true;
  expect(await living).toBeGreaterThan(0);
  expect(told).toMatch(/CU_TEST {2}17 chains rebuilt from [\d,]+ events: [\d,]+ rows written, 2 deleted, in /);

  await cloud.cloud.invoke('SweepFunction', {});
  expect(await breachesOf(cloud, TENANT)).toEqual([]);
  const journal = createDynamoJournal({ client, tableName: cloud.cloud.outputs['JournalTableName'] ?? '' });
  expect(await rows()).toEqual(await cleanRows(journal, TENANT));
});

it('says which tenant there is not', async () => {
  await expect(cloud.cloud.invoke('SweepFunction', { rebuild: { tenantId: 'CU_NONE' } })).rejects.toThrow(
    'Cannot rebuild the views of tenant "CU_NONE": there is no such tenant',
  );
  await expect(cloud.cloud.invoke('SweepFunction', { rebuild: { tenantId: 'not one' } })).rejects.toThrow();
});
