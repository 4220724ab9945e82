import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditResult } from '../../src/audit/result.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { type Engine, JOURNAL_TABLE, startEngine, VIEWS_TABLE } from '../../test/support/engine.ts';
import { gatewayOn, move, openBank, send } from '../../test/support/ledger.ts';

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

  it('audits what the ledger has written, and says that nobody has made the views', async () => {
    const { tenants, invariants } = (await handler({ tenantId: 'CU_TEST', waitMs: 0 })) as AuditResult; // without a task
    const { DERIVED_BALANCES, ...others } = invariants;
    expect(Object.values(others).map(({ breaches }) => breaches)).toEqual([0, 0, 0, 0]);
    expect(DERIVED_BALANCES.breaches).toBeGreaterThan(0);
    expect(tenants[0]?.views.state).toBe('behind');
    expect(tenants[0]?.invariants.DERIVED_BALANCES.evidence[0]?.reason).toMatch(/^The views are behind/);
    expect(tenants[0]?.statistics).toMatchObject({ members: 4, accounts: 4, entries: 1, volumeMinor: 12_50 });
  });

  it.each([{ tenant: 'CU_TEST' }, { tenantId: 'cu test' }, { waitMs: -1 }, 'CU_TEST'])(
    'refuses the input %j',
    async (input) => {
      await expect(handler(input)).rejects.toThrow(/Unrecognized|Invalid|[Ee]xpected/);
    },
  );

  it('refuses a tenant that does not exist', async () => {
    await expect(handler({ tenantId: 'CU_NONE' })).rejects.toThrow(
      'Cannot audit tenant "CU_NONE": the journal has no such tenant',
    );
  });
});
