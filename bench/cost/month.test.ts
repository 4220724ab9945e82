import { expect, test } from 'vitest';
import { monthOf } from './month.ts';

test('a month of 75,000 members is 5,625,000 entries and 4,500,000 queries', () => {
  const { lines, dollars } = monthOf({
    batchesPerMillion: 1,
    singlePerMillion: 3,
    queriesPerMillion: 2,
    storedBytesAnEntry: 400,
    idle: 12,
  });
  expect(lines.map(({ quantity }) => quantity)).toEqual([2_812_500, 2_812_500, 4_500_000, 27, 1]);
  expect(lines.map((line) => Number(line.dollars.toFixed(4)))).toEqual([8.4375, 2.8125, 9, 12.15, 12]);
  expect(dollars).toBeCloseTo(44.4, 9);
});
