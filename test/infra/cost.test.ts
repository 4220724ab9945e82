import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ofType, properties } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

/** What the project promises an idle deployment to cost a month, at most, in US dollars. */
const PROMISED = 15;

const { template } = await synthesizeOnce();
const rows = readFileSync(join(import.meta.dirname, '../../docs/operating/cost.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.replaceAll('*', '').trim()))
  .map(([, what = '', amount = '', , dollars = '']) => ({ what, amount, dollars: Number(dollars) }));

test('the breakdown of the idle cost adds up, to less than what is promised', () => {
  const items = rows.filter(({ what }) => what !== 'sum');
  const sum = items.reduce((total, { dollars }) => total + dollars, 0);
  expect(items.length).toBeGreaterThan(8);
  expect(rows.at(-1)).toMatchObject({ what: 'sum', dollars: Number(sum.toFixed(2)) });
  expect(sum).toBeLessThanOrEqual(PROMISED);
});

test.each([
  ['Kinesis', Number(properties(template, 'JournalStream', 'AWS::Kinesis::Stream')['ShardCount'])],
  ['Secrets Manager', ofType(template, 'AWS::SecretsManager::Secret').length],
  ['CloudWatch alarms', ofType(template, 'AWS::CloudWatch::Alarm').length],
  ['CloudWatch dashboards', ofType(template, 'AWS::CloudWatch::Dashboard').length],
])('%s: the breakdown counts what the template has', (service, count) => {
  const row = rows.find(({ what }) => what === service);
  expect(Number.parseInt(row?.amount ?? '', 10)).toBe(count);
});
