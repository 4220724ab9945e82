import { expect, it } from 'vitest';
import { readRate } from './schedules.ts';

it.each([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(2 hours)', 7_200_000],
  ['rate(1 day)', 86_400_000],
  ['cron(0 12 * * ? *)', undefined],
  ['rate(soon)', undefined],
])('%s is %s ms', (expression, expected) => {
  expect(readRate(expression)).toBe(expected);
});
