import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditResult } from '../../src/audit/result.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { move } from '../support/ledger.ts';
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

it('finds in pieces what the function finds at once', async () => {
  const atOnce = (await cloud.cloud.invoke('AuditFunction', { tenantId: TENANT })) as AuditResult; // its result type
  const { status, output } = await run(INPUT);
  expect(status).toBe('SUCCEEDED');
  expect(timeless(output as AuditResult)).toEqual(timeless(atOnce)); // the state machine's result type
  expect(atOnce.invariants.BALANCED_ENTRIES.breaches).toBe(0);
  expect(await run({})).toMatchObject({ status: 'SUCCEEDED', output: { digest: atOnce.digest } });
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
