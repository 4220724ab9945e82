import { expect, test } from 'vitest';
import { amount, resultLines, targetText, verdictOf } from './result-text.ts';
import { resultOf } from './results.ts';

test.each([
  [52_345.6, '52,346'],
  [99.96, '100'],
  [14.2345, '14.2'],
  [0.9412, '0.941'],
  [0, '0'],
])('%d reads %s', (value, text) => {
  expect(amount(value)).toBe(text);
});

test.each([
  [undefined, ''],
  [{ atLeast: 15_000, goal: 25_000 }, '≥ 15,000, goal 25,000'],
  [{ atMost: 0.5 }, '≤ 0.5'],
])('%o reads %s', (target, text) => {
  expect(targetText(target)).toBe(text);
});

const ran = { name: 'b', title: 'Things', full: false, seconds: 1, loadAverage: { before: 0.5, after: 1 } };
const figure = (median: number) => ({
  name: 'rate of things',
  unit: '1/s',
  samples: [median, median, median + 1],
  method: 'Counted.',
  target: { atLeast: 10, goal: 20 },
});

test('says whether targets and goals are met', () => {
  const { figures } = resultOf(ran, { figures: [figure(9), figure(10), figure(20)] });
  expect(figures.map(verdictOf)).toEqual(['not met', 'met, goal not', 'met, goal too']);
});

test('a benchmark without figures says why', () => {
  expect(resultLines(resultOf(ran, { error: 'it fell over' })).join('\n')).toContain('no figures: it fell over');
  expect(resultLines(resultOf(ran, { figures: [figure(20)] })).join('\n')).toMatch(
    /rate of things +20 +20 to 21 +1\/s +≥ 10, goal 20 +met, goal too/,
  );
});
