import { expect, test } from 'vitest';
import { isPassed, judge } from './budget.ts';

const budget = { bytes: { value: 100, factor: 1.02 }, ratio: { value: 10, factor: 1.5 } };
const verdictsOf = (measured: Record<string, number>) => judge(measured, budget).map(({ verdict }) => verdict);

test.each([
  [{ bytes: 100, ratio: 10 }, ['within', 'within'], true],
  [{ bytes: 102, ratio: 15 }, ['within', 'within'], true],
  [{ bytes: 103, ratio: 10 }, ['exceeded', 'within'], false],
  [{ bytes: 100, ratio: 15.1 }, ['within', 'exceeded'], false],
  [{ bytes: 60, ratio: 5 }, ['slack', 'slack'], true],
  [{ bytes: 100 }, ['within', 'unknown'], false],
  [{ bytes: 100, ratio: 10, more: 1 }, ['within', 'within', 'unknown'], false],
])('%o: %j', (measured, verdicts, passed) => {
  expect(verdictsOf(measured)).toEqual(verdicts);
  expect(isPassed(judge(measured, budget))).toBe(passed);
});
