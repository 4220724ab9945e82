import { expect, test } from 'vitest';
import { medianOf, percentilesOf, spreadOf } from './statistics.ts';

test.each([
  [[3], { median: 3, min: 3, max: 3 }],
  [[3, 1], { median: 2, min: 1, max: 3 }],
  [[9, 1, 5], { median: 5, min: 1, max: 9 }],
  [[4, 1, 2, 3], { median: 2.5, min: 1, max: 4 }],
])('spread of %j', (samples, spread) => {
  expect(spreadOf(samples)).toEqual(spread);
});

test('no samples have no spread', () => {
  expect(() => medianOf([])).toThrow(RangeError);
});

test('percentiles are values that were measured, and an outlier does not move the others', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentilesOf(samples)).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 });
  expect(percentilesOf([...samples, 10_000])).toEqual({ p50: 51, p95: 96, p99: 100, max: 10_000 });
  expect(percentilesOf([7])).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 });
  expect(percentilesOf([])).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
});

test('samples are left in their order', () => {
  const samples = [2, 1];
  spreadOf(samples);
  percentilesOf(samples);
  expect(samples).toEqual([2, 1]);
});
