import { expect, it } from 'vitest';
import type { ViewStore } from '../port.ts';
import type { Row } from '../row.ts';
import { createMemoryViews } from './memory-views.ts';
import { createPace } from './pace.ts';

const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ key: { pk: 'CU#test', sk: String(index) }, doc: {} }));

/** Rounds that write some rows each, at times of which only waiting and `spend` make more. */
function setUp() {
  let nowMs = 0;
  const waits: number[] = [];
  const pace = createPace({
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  });
  const store: ViewStore = pace.counting(createMemoryViews());
  const round = async (rows: number, spendMs: number, lagsMs: readonly number[] = []): Promise<void> => {
    await pace.turn();
    await store.put(rowsOf(rows));
    nowMs += spendMs;
    lagsMs.forEach(pace.projected);
  };
  return { round, waits };
}

it('never waits where rounds write few rows', async () => {
  const { round, waits } = setUp();
  for (let count = 0; count < 5; count += 1) await round(200, 100);
  expect(waits).toEqual([]);
});

it('waits for each row that the last round wrote, from its beginning', async () => {
  const { round, waits } = setUp();
  await round(8_000, 500);
  await round(10, 0);
  await round(0, 0);
  expect(waits).toEqual([3_500, 5]);
});

it('waits no longer than five seconds, and not at all after a round that took as long', async () => {
  const { round, waits } = setUp();
  await round(100_000, 0);
  await round(100_000, 5_000);
  await round(0, 0);
  expect(waits).toEqual([5_000]);
});

it('waits for nothing after a round that has met nothing young, and only then', async () => {
  const { round, waits } = setUp();
  await round(8_000, 500, [5_001, 5_000, 60_000]);
  await round(8_000, 500, [5_001, 60_000]);
  await round(8_000, 500);
  await round(0, 0);
  expect(waits).toEqual([3_500, 3_500]);
});
