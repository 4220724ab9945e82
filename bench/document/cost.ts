import { PRICES } from '../../src/cli/cost/prices.ts';
import {
  BATCH_WAYS,
  type CostDetails,
  entryLines,
  monthInputOf,
  type PriceLines,
  queryLines,
  SINGLE_WAYS,
  type Way,
} from '../cost/measured.ts';
import { CU_LARGE, monthOf } from '../cost/month.ts';
import type { BenchResult } from '../support/results.ts';
import { amount } from '../support/result-text.ts';
import { markdownTable } from './markdown.ts';

const WAY_TITLES: Record<Way, string> = {
  batches: 'of one chain',
  anyBatches: 'any accounts',
  apartBatches: 'each batch alone',
  single: 'one after the other',
  alone: 'each alone',
};

const ENTRIES_SHARE = `The views write a row once a second, whatever number of entries touched it, so that an entry costs the less the more come. The
first two columns are as many as one client gets answered, with accounts of one chain a batch and with any; in the last, as in that of
entries which come one by one, nothing else comes in the same second.`;

/** Memory of the function that takes commands, as `lib/constructs/request-handlers.ts` gives it. */
const COMMAND_GB = 1_769 / 1_024;

/** @param idle an idle month, in US dollars, as docs/operating/cost.md has it */
export function costSection(bench: BenchResult | undefined, idle: number): string[] {
  const details = bench?.details as CostDetails | undefined; // the benchmark `cost` wrote them
  if (!details) return [];
  return [
    '## Cost',
    `Units are those that the DynamoDB engine answers to each request (\`ReturnConsumedCapacity\`), records and requests are counted, memory ×
time is what the functions took on this machine, whose DynamoDB is nearer: each 10 ms more that a command's function waits are US$${(10e3 * COMMAND_GB * PRICES.lambdaGbSecond).toFixed(2)} a
million requests. Prices are those of \`src/cli/cost/prices.ts\`: ${PRICES.region}, ${PRICES.asOf}, US dollars, without free
tiers and taxes but where told. Cents are rounded line by line. Projections are included; one request is in flight at a time, as an environment of Lambda serves them.`,
    '### A million PostEntry in batches of 50',
    ENTRIES_SHARE,
    batchesTable(details),
    '### A million PostEntry one by one',
    singlesTable(details),
    `For comparison: a store that writes an entry's three events and its command as four items of a transaction pays eight write units an
entry, US$${(8e6 * PRICES.writeUnit).toFixed(2)} a million before anything else.`,
    '### A million queries',
    'A balance, and a page of 20 of the events of an account, in turns:',
    queriesTable(details),
    '### Idle',
    `An idle deployment costs US$${idle.toFixed(2)} a month: [what an idle deployment costs](operating/cost.md), where also stands what CloudWatch and X-Ray
do not charge for, and what it costs in an account that has used that up.`,
    '### A month of a tenant the size of CU_LARGE',
    `${amount(CU_LARGE.members)} members × ${CU_LARGE.entriesAMemberAndDay} entries a day × ${CU_LARGE.days} days, half of them in batches and half one by one; ${CU_LARGE.queriesAMemberAndDay} queries a member and
day. At that rate hardly two requests meet in a second, so all are taken as alone, and batches with any accounts. The tenant is taken to have the
deployment to itself. The specification allows US$100.`,
    monthTable(details, idle),
  ];
}

/** What a million entries cost in batches, for each way of sending them: units of one entry, and dollars. */
export function batchesTable(details: CostDetails): string {
  return entriesTable(details, BATCH_WAYS);
}

/** What they cost one by one. */
export function singlesTable(details: CostDetails): string {
  return entriesTable(details, SINGLE_WAYS);
}

function entriesTable(details: CostDetails, ways: readonly Way[]): string {
  const titles = ways.map((way) => WAY_TITLES[way]);
  return pricesTable(entryLines(details, ways), { units: titles, dollars: titles.map((title) => `${title}, US$`) });
}

/** What a million queries cost: units of one, and dollars. */
export function queriesTable(details: CostDetails): string {
  return pricesTable(queryLines(details), { units: ['a query'], dollars: ['US$'] });
}

function pricesTable({ lines, sums }: PriceLines, titles: { units: string[]; dollars: string[] }): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  return markdownTable(
    [{ title: 'what' }, { title: 'price a million' }, ...titles.units.map(right), ...titles.dollars.map(right)],
    [
      ...lines.map(({ what, price, units, dollars }) => [
        what,
        `$${priceText(price)}`,
        ...units.map(String),
        ...dollars.map((each) => each.toFixed(2)),
      ]),
      ['**a million**', '', ...sums.map(() => ''), ...sums.map((sum) => `**${sum.toFixed(2)}**`)],
    ],
  );
}

export function monthTable(details: CostDetails, idle: number): string {
  const { lines, dollars } = monthOf(monthInputOf(details, idle));
  return markdownTable(
    [{ title: 'what' }, { title: 'how much of it' }, { title: 'price' }, { title: 'US$', align: 'right' }],
    [
      ...lines.map((line) => [
        line.what,
        `${line.quantity} ${line.unit}`.trim(),
        `$${line.price.toFixed(2)}`,
        line.dollars.toFixed(2),
      ]),
      ['**a month**', '', '', `**${dollars.toFixed(2)}**`],
    ],
  );
}

/** Whole cents where they say it. */
function priceText(price: number): string {
  const exact = Number(price.toFixed(4));
  return exact === Number(exact.toFixed(2)) ? exact.toFixed(2) : String(exact);
}
