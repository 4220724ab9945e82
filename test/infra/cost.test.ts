import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PRICES } from '../../src/cli/cost/prices.ts';
import { ofType, properties } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

/** What the project promises an idle deployment to cost a month, at most, in US dollars. */
const PROMISED = 15;

const { template } = await synthesizeOnce();
const DOCS = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(DOCS, 'operating/cost.md'), 'utf8');
/** Made from measurements, with the same tables. */
const PERFORMANCE = join(DOCS, 'performance.md');

/** Cells of the table below a heading, without its head. */
function tableOf(heading: string): string[][] {
  const section = page.split(/^###? /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.replaceAll('*', '').trim()))
    .map((cells) => cells.slice(1, -1));
}

const rows = tableOf('What an idle deployment costs').map(([what = '', amount = '', , dollars = '']) => ({
  what,
  amount,
  dollars: Number(dollars),
}));

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
  ['KMS', ofType(template, 'AWS::KMS::Key').length],
  ['CloudWatch dashboards', ofType(template, 'AWS::CloudWatch::Dashboard').length],
])('%s: the breakdown counts what the template has', (service, count) => {
  const row = rows.find(({ what }) => what === service);
  expect(Number.parseInt(row?.amount ?? '', 10)).toBe(count);
});

/** Half a cent, and what doubles add to it. */
const ROUNDED = 0.005_001;

/** Where each line of the page's second table has its price from. */
const ENTRY_PRICES: Record<string, number> = {
  'API Gateway, requests': PRICES.apiRequest,
  'Lambda, invocations': PRICES.lambdaRequest,
  'Lambda, GB-s': PRICES.lambdaGbSecond,
  'DynamoDB, write units of the journal': PRICES.writeUnit,
  'DynamoDB, write units of the views': PRICES.writeUnit,
  'DynamoDB, read units': PRICES.readUnit,
  'DynamoDB, KB handed to Kinesis': PRICES.changeDataCaptureUnit,
  'Kinesis, records of up to 25 KB': PRICES.kinesisPutUnit,
};

test.each([
  ['In batches of 50', [1, 1]],
  ['One by one', [3]],
])(
  'a million entries: units at the prices of the table in code, and sums within what is promised: %s',
  (heading, promised) => {
    const table = tableOf(heading);
    expect(table.map(([what]) => what)).toEqual([...Object.keys(ENTRY_PRICES), 'a million']);
    const ways = ((table[0]?.length ?? 0) - 2) / 2;
    const sums = Array.from({ length: ways }, () => 0);
    for (const [what = '', price = '', ...cells] of table.slice(0, -1)) {
      const dollarsEach = (ENTRY_PRICES[what] ?? NaN) * 1e6;
      expect([what, Number(price.slice(1))]).toEqual([what, Number(dollarsEach.toFixed(4))]);
      for (const way of sums.keys()) {
        const dollars = Number(cells[way + ways]);
        expect(Math.abs(dollars - Number(cells[way]) * dollarsEach), what).toBeLessThan(ROUNDED);
        sums[way] = (sums[way] ?? 0) + dollars;
      }
    }
    expect(table.at(-1)?.slice(2 + ways)).toEqual(sums.map((sum) => sum.toFixed(2)));
    // The last is of requests that are alone in their second, of which nothing is promised.
    expect(sums).toHaveLength(promised.length + 1);
    for (const [way, most] of promised.entries()) expect(sums[way]).toBeLessThanOrEqual(most);
  },
);

test('a month of a large tenant adds up, from the costs above, to less than what is promised', () => {
  const table = tableOf('What a month of a large tenant costs');
  const items = table.slice(0, -1).map(([what = '', amount = '', price = '', dollars = '']) => {
    expect(Math.abs(Number(dollars) - Number.parseFloat(amount) * Number(price.slice(1))), what).toBeLessThan(ROUNDED);
    return { price: price.slice(1), dollars: Number(dollars) };
  });
  const alone = ['In batches of 50', 'One by one'].map((heading) => tableOf(heading).at(-1)?.at(-1));
  expect(items.slice(0, 2).map(({ price }) => price)).toEqual(alone);
  expect(items.at(-1)?.dollars).toBe(rows.at(-1)?.dollars);
  const sum = items.reduce((total, { dollars }) => total + dollars, 0);
  expect(table.at(-1)?.at(-1)).toBe(sum.toFixed(2));
  expect(sum).toBeLessThanOrEqual(100);
});

test('the page on performance tells the same costs, and what waiting costs in the memory that commands have', () => {
  const measured = readFileSync(PERFORMANCE, 'utf8').split('\n');
  const gigabytes = Number(properties(template, 'CommandFunction', 'AWS::Lambda::Function')['MemorySize']) / 1_024;
  const dollars = (10 * 1_000 * gigabytes * PRICES.lambdaGbSecond).toFixed(2);
  expect(measured.join('\n')).toContain(`each 10 ms more that a command's function waits are US$${dollars} a\nmillion`);
  for (const heading of ['What a million entries cost', 'What a month of a large tenant costs']) {
    const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
    const lines = section.split('\n').filter((line) => line.startsWith('|'));
    expect(lines.length).toBeGreaterThan(5);
    expect(measured).toEqual(expect.arrayContaining(lines));
  }
  expect(measured.join('\n')).toContain(`US$${rows.at(-1)?.dollars.toFixed(2)} a month`);
});
