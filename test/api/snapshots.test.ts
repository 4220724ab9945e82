import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SNAPSHOT_EVERY_EVENTS } from '../../src/journal/snapshots/keep-snapshots.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { move } from '../support/ledger.ts';
import { breachesOf } from './support/audit.ts';
import { openBank } from './support/bank.ts';
import { entityOf, submitBatch } from './support/submit.ts';

const tenantId = 'CU_TEST';
/** The most that an entry may have. Each makes an event of its own, beside that of the entry. */
const LEGS = 100;
const BATCH = 50;

vi.setConfig({ testTimeout: 120_000 });

let cloud: TestCloud;
let ledger: LedgerClient;
let accountId: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger();
  const [member] = await openBank(ledger, { tenantId, members: 1, deposit: 1_000_000 });
  accountId = member?.accountId ?? '';
});
afterAll(() => cloud.stop());

/** One debit against many credits. */
const entry = (number: number) =>
  move(accountId, 'GL_0', 1, {
    id: `entry ${number}`,
    change: {
      legs: [
        { accountId, direction: 'CREDIT', amount: LEGS - 1 },
        ...Array.from(
          { length: LEGS - 1 },
          (_, leg) => ({ accountId: `GL_${leg}`, direction: 'DEBIT', amount: 1 }) as const,
        ),
      ],
    },
  });
const readUnits = (table: string): number => {
  const name = Object.keys(cloud.cloud.consumed().byTable).find((each) => each.includes(table));
  return name === undefined ? 0 : (cloud.cloud.consumed().byTable[name]?.readUnits ?? 0);
};

it('the sweep takes a snapshot of a chain that has grown, and a new command function begins with it', async () => {
  const entries = Math.ceil(SNAPSHOT_EVERY_EVENTS / (LEGS + 1));
  expect(await cloud.cloud.invoke('SweepFunction', {})).toMatchObject({ snapshots: [] });
  for (let start = 0; start < entries; start += BATCH) {
    const count = Math.min(BATCH, entries - start);
    const results = await submitBatch(
      ledger,
      tenantId,
      Array.from({ length: count }, (_, index) => entry(start + index)),
    );
    for (const result of results) entityOf(result);
  }
  const chain = `${tenantId}#chain#${accountId.slice(4, 6)}`;
  expect(await cloud.cloud.invoke('SweepFunction', {})).toMatchObject({ snapshots: [chain] });
  expect(await cloud.cloud.invoke('SweepFunction', {})).toMatchObject({ snapshots: [] });

  await cloud.cloud.killFunction('CommandFunction');
  const [journalBefore, snapshotsBefore] = [readUnits('Journal'), readUnits('Snapshots')];
  // A repeat, which only a function that remembers it does not post again, and something new.
  const [repeat, next] = await submitBatch(ledger, tenantId, [entry(7), entry(entries)]);
  expect([repeat?.status, next?.status]).toEqual([202, 202]);
  expect(readUnits('Snapshots') - snapshotsBefore).toBeGreaterThan(3);
  // The chain itself, of more than 50,000 events, is hundreds of them.
  expect(readUnits('Journal') - journalBefore).toBeLessThan(50);
  expect(cloud.log.filter((line) => line.includes('snapshot') && !line.includes('Took snapshots'))).toEqual([]);

  expect(await breachesOf(cloud, tenantId)).toEqual([]);
});
