import { expect, test } from 'vitest';
import { monthOf } from './month.ts';

const MEASURED = {
  batchesPerMillion: 1,
  alonePerMillion: 4.554,
  queriesPerMillion: 2,
  invocations: { batches: 0.02, alone: 2, queries: 1 },
  storedBytes: { batches: 200, alone: 600 },
  idle: 12,
};

test('a month of 75,000 members is 5,625,000 entries and 4,500,000 queries, stored, logged and traced', () => {
  const { lines } = monthOf(MEASURED);
  expect(lines.map(({ quantity, unit, price }) => [quantity, unit, price])).toEqual([
    [2.8125, 'million', 1],
    [2.8125, 'million', 4.55],
    [4.5, 'million', 2],
    [27, 'GB', 0.45],
    [15.27, 'GB', 0.5],
    [2.9715, 'million', 5],
    [1, '', 12],
  ]);
  expect(lines[3]?.what).toContain('400 bytes');
});

test('every line is its quantity at its price, and the sum is that of the lines as they are shown', () => {
  const { lines, dollars } = monthOf(MEASURED);
  expect(lines.map((line) => line.dollars)).toEqual([2.81, 12.8, 9, 12.15, 7.64, 14.86, 12]);
  expect(dollars).toBe(71.26);
});

test('fewer invocations than seconds are all traced', () => {
  const traced = monthOf({ ...MEASURED, invocations: { batches: 0, alone: 0.1, queries: 0 } }).lines[5];
  expect(traced?.quantity).toBe(0.2813);
});
