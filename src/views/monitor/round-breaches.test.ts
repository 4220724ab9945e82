import { expect, it } from 'vitest';
import type { Commit } from '../../journal/port.ts';
import { breachKey } from '../keys.ts';
import { createMemoryViews } from '../store/memory-views.ts';
import type { Breach } from './breach.ts';
import { RoundBreaches } from './round-breaches.ts';

const ref = { tenantId: 'CU_TEST', chain: '00' };
const commit = (firstSeq: number): Commit => ({
  ...ref,
  firstSeq,
  lastSeq: firstSeq + 1,
  prevHash: '',
  headHash: '',
  body: '',
  committedAt: `2026-01-01T00:00:${firstSeq}.000Z`,
});
const breach = (seq: number): Breach => ({ ...ref, invariant: 'HASH_CHAIN', seq, reason: 'broken', evidence: {} });
const areOld = () => Promise.reject(new Error('No row says anything'));

it('counts what stands in the commits of the round, and neither what is before nor what a longer round had found beyond', async () => {
  const views = createMemoryViews();
  const reports: number[] = [];
  const report = ({ seq }: Breach) => void reports.push(seq);
  // A round up to 90 kept what it had found, and crashed before it could move the cursor.
  const longer = new RoundBreaches(ref);
  for (const seq of [10, 20, 30, 40]) longer.add(commit(seq), breach(seq));
  const all = await longer.settle(views, { after: 0, upTo: 90, report, areOld });
  expect(all.HASH_CHAIN?.count).toBe(4);
  expect(reports).toEqual([10, 20, 30, 40]);

  // Then a shorter one comes, and after it another.
  const counts: unknown[] = [];
  for (const [after, upTo] of [
    [0, 10],
    [10, 31],
    [31, 39],
    [39, 90],
  ] as const) {
    const round = new RoundBreaches(ref);
    round.seenBefore = true;
    const { HASH_CHAIN } = await round.settle(views, { after, upTo, report, areOld });
    counts.push(HASH_CHAIN && [HASH_CHAIN.count, HASH_CHAIN.last.seq]);
  }
  expect(counts).toEqual([[1, 10], [2, 30], undefined, [1, 40]]);
  expect(reports).toHaveLength(4);
});

it('keeps and tells a breach once, whoever finds it again', async () => {
  const views = createMemoryViews();
  const reports: number[] = [];
  const report = ({ seq }: Breach) => void reports.push(seq);
  for (let time = 0; time < 2; time += 1) {
    const round = new RoundBreaches(ref);
    round.add(commit(10), breach(10));
    const found = await round.settle(views, { after: 0, upTo: 11, report, areOld });
    expect(found.HASH_CHAIN?.count).toBe(1);
  }
  expect(reports).toEqual([10]);
  expect(await views.get([breachKey(ref, 10)])).toMatchObject([{ firstSeq: 10 }]);
});

it('reads and writes nothing where nothing was found', async () => {
  const views = { ...createMemoryViews(), list: () => Promise.reject(new Error('It reads')) };
  const settled = await new RoundBreaches(ref).settle(views, { after: 0, upTo: 9, report: () => undefined, areOld });
  expect(settled).toEqual({});
});
