import { expect, test } from 'vitest';
import { shareTime } from './share-time.ts';

/** Work of so many steps of 10 ms for each item; it looks at the clock after each step. @returns what was done, in order, and who was left */
async function share(steps: Record<string, number>, options: { until: number; random?: number }) {
  let clock = 0;
  const turns: [item: string, steps: number][] = [];
  const rest = { ...steps };
  const left = await shareTime({
    items: Object.keys(steps),
    now: () => clock,
    random: () => options.random ?? 0,
    until: options.until,
    async work(item, isEnough) {
      let done = 0;
      do {
        clock += 10;
        done += 1;
        rest[item] = (rest[item] ?? 0) - 1;
      } while ((rest[item] ?? 0) > 0 && !isEnough());
      turns.push([item, done]);
      return rest[item] === 0;
    },
  });
  return { turns, left, clock };
}

test('a slow one takes its share, the others theirs, and then it gets what is left', async () => {
  const { turns, left } = await share({ slow: 50, a: 1, b: 1, c: 1 }, { until: 1_000 });
  expect(turns).toEqual([
    ['slow', 25],
    ['a', 1],
    ['b', 1],
    ['c', 1],
    ['slow', 25],
  ]);
  expect(left).toEqual([]);
});

test('several slow ones share what the others do not need, and are left when the time is over', async () => {
  const { turns, left, clock } = await share({ first: 1_000, quick: 1, second: 1_000 }, { until: 600 });
  expect(turns).toEqual([
    ['first', 20],
    ['quick', 1],
    ['second', 20],
    ['first', 10],
    ['second', 9],
  ]);
  expect(left).toEqual(['first', 'second']);
  expect(clock).toBe(600);
});

test('where the time is not enough to begin with all, others come first the next time', async () => {
  const all = { a: 3, b: 3, c: 3, d: 3 };
  // Each step takes longer than a share.
  expect((await share(all, { until: 20 })).left).toEqual(['c', 'd', 'a', 'b']);
  expect((await share(all, { until: 20, random: 0.5 })).left).toEqual(['a', 'b', 'c', 'd']);
  expect((await share(all, { until: 0, random: 0.99 })).turns).toEqual([]);
  expect((await share({}, { until: 20 })).left).toEqual([]);
});
