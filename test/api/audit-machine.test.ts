import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditResult } from '../../src/audit/result.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { move } from '../support/ledger.ts';
import { auditOf } from './support/audit.ts';
import { openBank } from './support/bank.ts';
import { entityOf, submitBatch } from './support/submit.ts';

const TENANT = 'CU_PIECES';
/** Every chain that has an event is a piece of its own. */
const INPUT = { tenantId: TENANT, eventsAPiece: 1 };

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
  const ledger = cloud.ledger({ tenants: [TENANT] });
  const members = await openBank(ledger, { tenantId: TENANT, members: 8, deposit: 100 });
  const entries = members.map(({ accountId }, index) =>
    move(accountId, members[(index + 1) % members.length]?.accountId ?? '', 1, {
      id: `payment ${index}`,
      tenantId: TENANT,
    }),
  );
  for (const result of await submitBatch(ledger, TENANT, entries)) entityOf(result);
  await cloud.cloud.settled();
});
afterAll(() => cloud.stop());

const run = async (input: unknown) => (await cloud.cloud.startExecution('Audit', input)).done;

/** Without what hangs on the clock. */
function timeless({ tenants, ...result }: AuditResult) {
  return { ...result, tenants: tenants.map((tenant) => ({ ...tenant, views: { ...tenant.views, waitedMs: 0 } })) };
}

it('finds in seventeen pieces what it finds in one', async () => {
  const before = cloud.cloud.consumed().stateTransitions;
  const one = await auditOf(cloud, { tenantId: TENANT });
  const between = cloud.cloud.consumed().stateTransitions;
  const many = await auditOf(cloud, INPUT);
  expect(timeless(many)).toEqual(timeless(one));
  expect(one.invariants.BALANCED_ENTRIES.breaches).toBe(0);
  expect(one.tenants[0]?.views.state).toBe('compared');
  expect((await auditOf(cloud, {})).digest).toBe(one.digest);
  // A task each: the small tenant's audit has no more pieces than it had to have.
  expect(between - before).toBeLessThan(cloud.cloud.consumed().stateTransitions - between);
});

it('does a task again whose function died', async () => {
  const before = cloud.cloud.consumed().invocations;
  const done = run(INPUT);
  await expect.poll(() => cloud.cloud.consumed().invocations - before, { interval: 1 }).toBeGreaterThan(3);
  await cloud.cloud.killFunction('AuditFunction');
  expect(await done).toMatchObject({ status: 'SUCCEEDED' });
});

it.each([
  [{ ...INPUT, tenantId: 'CU_NONE' }, 'TenantUnknownError', /the journal has no such tenant/],
  [{ ...INPUT, waitMs: -1 }, 'ZodError', /waitMs/],
])('fails plainly with input %j', async (input, error, cause) => {
  expect(await run(input)).toMatchObject({ status: 'FAILED', error, cause: expect.stringMatching(cause) as unknown });
});

it('fails plainly where a chain cannot be read', async () => {
  cloud.cloud.setFaults(({ operation, body }) =>
    operation === 'Query' && body.includes(`${TENANT}#chain#`) && body.includes(':after')
      ? { kind: 'throttle' }
      : undefined,
  );
  try {
    expect(await run(INPUT)).toMatchObject({ status: 'FAILED', error: expect.any(String) as unknown });
  } finally {
    cloud.cloud.setFaults(undefined);
  }
}, 120_000);
