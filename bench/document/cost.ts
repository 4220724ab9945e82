import { PRICES } from '../../src/cli/cost/prices.ts';
import type { RunCost } from '../../src/cli/cost/run-cost.ts';
import type { CostDetails } from '../cost/index.ts';
import { CU_LARGE } from '../cost/month.ts';
import type { BenchResult } from '../support/results.ts';
import { amount } from '../support/result-text.ts';
import { markdownTable } from './markdown.ts';

const COST_COLUMNS = [
  { title: 'service' },
  { title: 'what' },
  { title: 'for a million entries', align: 'right' },
  { title: 'price of a million', align: 'right' },
  { title: 'US$', align: 'right' },
] as const;

export function costSection(bench: BenchResult | undefined): string[] {
  const details = bench?.details as CostDetails | undefined; // the benchmark `cost` wrote them
  if (!details) return [];
  const { batches, single, month, storedBytesAnEntry } = details;
  return [
    '## Cost',
    `Units are those that the DynamoDB engine answers to each request (\`ReturnConsumedCapacity\`), records and requests are counted, memory ×
time is what the functions took on this machine. Prices are those of \`src/cli/cost/prices.ts\`: ${PRICES.region}, ${PRICES.asOf}, US dollars, without free
tiers and taxes. Projections are included; one request is in flight at a time, as an environment of Lambda serves them.`,
    '### A million PostEntry in batches of 50',
    costTable(batches.cost, batches.entries),
    '### A million PostEntry one by one',
    costTable(single.cost, single.entries),
    `For comparison: a store that writes an entry's three events and its command as four items of a transaction pays eight write units an
entry, US$${(8e6 * PRICES.writeUnit).toFixed(2)} a million before anything else.`,
    '### Idle',
    `An idle deployment costs US$${(month.lines.at(-1)?.dollars ?? 0).toFixed(2)} a month: [what an idle deployment costs](operating/cost.md).`,
    '### A month of a tenant the size of CU_LARGE',
    `${amount(CU_LARGE.members)} members × ${CU_LARGE.entriesAMemberAndDay} entries a day × ${CU_LARGE.days} days, half of them one by one and half in batches; ${CU_LARGE.queriesAMemberAndDay} queries a member
and day. Storage counts twelve months of entries at ${amount(storedBytesAnEntry)} bytes each, what this run's store grew by, views included. The tenant is
taken to have the deployment to itself. The specification allows US$100. Logs and traces are not in
it, nor entries that are alone in their second: [the document on cost](operating/cost.md) counts those too, and comes to more.`,
    markdownTable(
      [{ title: 'what' }, { title: 'quantity', align: 'right' }, { title: 'unit' }, { title: 'US$', align: 'right' }],
      [
        ...month.lines.map(({ what, quantity, unit, dollars }) => [what, amount(quantity), unit, dollars.toFixed(2)]),
        ['**sum**', '', '', `**${month.dollars.toFixed(2)}**`],
      ],
    ),
  ];
}

function costTable(cost: RunCost, entries: number): string {
  const used = cost.items.filter(({ quantity }) => quantity > 0);
  const rows = used.map(({ service, what, quantity, unit, usd }) => [
    service,
    what,
    `${amount((quantity / entries) * 1e6)} ${unit}`,
    amount((usd / quantity) * 1e6),
    ((usd / entries) * 1e6).toFixed(3),
  ]);
  return markdownTable(COST_COLUMNS, [
    ...rows,
    ['**sum**', '', '', '', `**${((cost.total / entries) * 1e6).toFixed(3)}**`],
  ]);
}
