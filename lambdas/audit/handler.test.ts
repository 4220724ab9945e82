import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditResult } from '../../src/audit/result.ts';
import { memorySource } from '../../src/audit/testing/memory-source.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { type Engine, JOURNAL_TABLE, startEngine, VIEWS_TABLE } from '../../test/support/engine.ts';
import { gatewayOn, move, openBank, send } from '../../test/support/ledger.ts';
import { runTask } from './tasks.ts';

describe('AuditFunction', () => {
  let engine: Engine;
  let handler: (typeof import('./handler.ts'))['handler'];

  beforeAll(async () => {
    engine = await startEngine();
    vi.stubEnv('JOURNAL_TABLE', JOURNAL_TABLE);
    vi.stubEnv('VIEWS_TABLE', VIEWS_TABLE);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', engine.endpoint);
    ({ handler } = await import('./handler.ts'));
    const gateway = gatewayOn(createDynamoJournal({ client: engine.client, tableName: JOURNAL_TABLE }));
    const [first, second] = await openBank(gateway, { members: 4, deposit: 50 });
    await send(gateway, move(first?.accountId ?? '', second?.accountId ?? '', 12.5, { id: 'pay' }));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await engine.stop();
  });

  /** As the state machine does: each task by itself, and JSON from one to the next. */
  async function run(input: unknown): Promise<AuditResult> {
    const { pieces, waitMs } = (await handler({ task: 'plan', input })) as { pieces: unknown[]; waitMs: number };
    const audits = [];
    for (const piece of pieces) audits.push(await handler({ task: 'piece', piece, waitMs }));
    const pairs = (await handler({ task: 'pairs', pieces: audits })) as unknown[];
    const read = [];
    for (const pair of pairs) read.push(await handler({ task: 'pair', pair }));
    return (await handler({ task: 'join', pieces: audits, pairs: read })) as AuditResult; // what that task answers
  }

  it('audits what the ledger has written, and says that nobody has made the views', async () => {
    const { tenants, invariants } = await run({ tenantId: 'CU_TEST', waitMs: 0 });
    const { DERIVED_BALANCES, ...others } = invariants;
    expect(Object.values(others).map(({ breaches }) => breaches)).toEqual([0, 0, 0, 0]);
    expect(DERIVED_BALANCES.breaches).toBeGreaterThan(0);
    expect(tenants[0]?.views.state).toBe('behind');
    expect(tenants[0]?.invariants.DERIVED_BALANCES.evidence[0]?.reason).toMatch(/^The views are behind/);
    expect(tenants[0]?.statistics).toMatchObject({ members: 4, accounts: 4, entries: 1, volumeMinor: 12_50 });
  });

  it.each([{ tenant: 'CU_TEST' }, { tenantId: 'cu test' }, { waitMs: -1 }, { eventsAPiece: 0 }, 'CU_TEST'])(
    'refuses the input %j',
    async (input) => {
      await expect(run(input)).rejects.toThrow(/Unrecognized|Invalid|[Ee]xpected/);
    },
  );

  it.each([{}, { tenantId: 'CU_TEST' }, { task: 'whole' }, 'plan', null])(
    'refuses the event %j, which names no task of the state machine',
    async (event) => {
      await expect(handler(event)).rejects.toThrow(/Invalid/);
    },
  );

  it('refuses a tenant that does not exist', async () => {
    await expect(run({ tenantId: 'CU_NONE' })).rejects.toThrow(
      'Cannot audit tenant "CU_NONE": the journal has no such tenant',
    );
  });

  it('names items of tenants that do not exist', async () => {
    const stray = { pk: { S: 'CU_STRAY#chain#00' }, sk: { N: '1' } };
    await engine.client.send('PutItem', { TableName: JOURNAL_TABLE, Item: stray });
    const { tenants } = await run({ waitMs: 0 });
    expect(tenants.slice(1)).toMatchObject([
      { tenantId: 'CU_STRAY', chains: [], invariants: { TENANT_ISOLATION: { breaches: 1 } } },
    ]);
    expect((await run({ tenantId: 'CU_TEST', waitMs: 0 })).tenants).toHaveLength(1);
  });

  it('goes on past an item that only the registry takes for a tenant, and names it', async () => {
    const pk = 'CU_TEST#unique#email#00';
    const item = { pk: { S: pk }, sk: { N: '0' }, holder: { S: 'x' }, registry: { S: 'TENANT' } };
    await engine.client.send('PutItem', { TableName: JOURNAL_TABLE, Item: item });
    const { tenants } = await run({ waitMs: 0 });
    expect(tenants.find(({ tenantId }) => tenantId === 'CU_TEST')?.statistics).toMatchObject({ members: 4 });
    expect(tenants.find(({ tenantId }) => tenantId === pk)?.invariants.HASH_CHAIN.breaches).toBe(1);
  });
});

it('items are named as well where there is no tenant, and so no piece that looks for them', async () => {
  const source = memorySource({ journal: [{ pk: 'CU_LOST#chain#00', sk: 1 }], views: [{ pk: 'CU_LOST#x', sk: 'y' }] });
  const task = (event: unknown) => runTask(event, source, async () => undefined);
  expect(await task({ task: 'plan', input: {} })).toEqual({ pieces: [], waitMs: 10_000 });
  expect(await task({ task: 'join', pieces: [], pairs: [] })).toMatchObject({
    tenants: [{ tenantId: 'CU_LOST', invariants: { TENANT_ISOLATION: { breaches: 2 } } }],
  });
});
