import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commitsOfDrafts, type Draft, opened } from '../../../test/support/commits.ts';
import { projectChain, projectorOn } from '../../../test/support/deliveries.ts';
import { createMemoryJournal } from '../../journal/memory-journal.ts';
import { accountKey } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import { createMemoryViews } from '../store/memory-views.ts';
import { balanceAsOf } from './balance-as-of.ts';

const ref = { tenantId: 'CU_TEST', chain: '00' };
const accountId = 'acc_00_a';
const START = Date.parse('2025-01-01');
const dateOf = (day: number): string => new Date(START + day * 86_400_000).toISOString().slice(0, 10);

/** An account with one change a day number given, each of one cent more than the one before. */
async function accountOf(days: readonly number[]): Promise<{ views: ViewStore; reads: () => number }> {
  let balanceMinor = 0;
  const changes = days.map((day, index): Draft => {
    balanceMinor += index + 1;
    return {
      type: 'AccountBalanceUpdated',
      entityId: accountId,
      payload: { entryId: 'ent_00_1', home: '01', valueDate: dateOf(day), deltaMinor: index + 1, balanceMinor },
    };
  });
  const journal = createMemoryJournal();
  await journal.append({ commits: commitsOfDrafts(ref, [[opened(accountId), ...changes]]), reservations: [] });
  const store = createMemoryViews();
  await projectChain(projectorOn(journal, store), { ref });
  let reads = 0;
  return { views: { ...store, get: (keys) => ((reads += keys.length), store.get(keys)) }, reads: () => reads };
}

async function askFor(views: ViewStore, day: number): Promise<number> {
  const [row] = await views.get([accountKey(ref.tenantId, accountId)]);
  if (!row) throw new Error('The account is missing');
  return balanceAsOf({ views, tenantId: ref.tenantId, row, day: dateOf(day) });
}

const expectedOf = (days: readonly number[], day: number): number =>
  days.reduce((sum, each, index) => sum + (each <= day ? index + 1 : 0), 0);

it('is the sum of all changes up to the day, for any value dates in any order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 }),
      fc.integer({ min: -1, max: 41 }),
      async (days, day) => {
        const { views } = await accountOf(days);
        expect(await askFor(views, day)).toBe(expectedOf(days, day));
      },
    ),
    { numRuns: 150 },
  );
});

it('is the sum where dates mostly rise, which lets the search stop early', async () => {
  const mostlyRising = fc
    .array(fc.integer({ min: -3, max: 3 }), { minLength: 100, maxLength: 400 })
    .map((jitter) => jitter.map((delta, index) => Math.max(0, Math.floor(index / 4) + delta)));
  await fc.assert(
    fc.asyncProperty(mostlyRising, fc.integer({ min: -1, max: 105 }), async (days, day) => {
      const { views } = await accountOf(days);
      expect(await askFor(views, day)).toBe(expectedOf(days, day));
    }),
    { numRuns: 150 },
  );
});

it('reads few pages of a long statement', async () => {
  const days = Array.from({ length: 6_400 }, (_, index) => Math.floor(index / 10)); // 200 pages, three days a page
  const { views, reads } = await accountOf(days);
  for (const day of [0, 100, 320, 639, 700]) {
    const before = reads();
    expect(await askFor(views, day)).toBe(expectedOf(days, day));
    expect(reads() - before).toBeLessThanOrEqual(1 + 8 + 8); // the account, the halving, one read of pages
  }
});
