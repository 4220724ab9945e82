import { expect, test } from 'vitest';
import { PRICES } from '../../src/cli/cost/prices.ts';
import { withMeasuredCosts } from '../document/cost-page.ts';
import { resultOf } from '../support/results.ts';
import { costOf } from '../support/consumed.ts';
import { COST_PAGE } from './idle.ts';
import { readFileSync } from 'node:fs';
import {
  BATCH_WAYS,
  type CostDetails,
  entryLines,
  monthInputOf,
  type PricedRun,
  queryLines,
  SINGLE_WAYS,
} from './measured.ts';

/** A run of two, each of which took so many requests, write units of the journal and of the views, and read units. */
function runOf(each: { requests: number; journal: number; views: number; reads: number }): PricedRun {
  const count = 2;
  const consumed = {
    writeUnits: count * (each.journal + each.views),
    readUnits: count * each.reads,
    byTable: { 'TuringCore-Journal': { writeUnits: count * each.journal, readUnits: 0, requests: 0 } },
    requests: 0,
    kinesisRecords: 0,
    kinesisBytes: 0,
    apiRequests: count * each.requests,
    invocations: count * each.requests,
    gbSeconds: 0,
    stateTransitions: 0,
  };
  return { count, consumed, cost: costOf(consumed, count) };
}

const entries = (run: PricedRun) => ({ ...run, storedBytesAnEntry: 100 });
const details: CostDetails = {
  batches: entries(runOf({ requests: 0.02, journal: 0.1, views: 0.2, reads: 0 })),
  anyBatches: entries(runOf({ requests: 0.02, journal: 0.3, views: 0.4, reads: 0 })),
  apartBatches: entries(runOf({ requests: 0.02, journal: 0.3, views: 1.3, reads: 0.1 })),
  single: entries(runOf({ requests: 1, journal: 1, views: 1, reads: 0 })),
  alone: entries(runOf({ requests: 1, journal: 1, views: 2, reads: 1 })),
  queries: runOf({ requests: 1, journal: 0, views: 0, reads: 8 }),
};

test.each([
  [BATCH_WAYS, [0.2, 0.4, 1.3]],
  [SINGLE_WAYS, [1, 2]],
])('each way of sending has its own sum, of its own lines: %s', (ways, views) => {
  const { lines, sums } = entryLines(details, ways);
  expect(lines.find(({ what }) => what.includes('views'))?.units).toEqual(views);
  for (const [way, sum] of sums.entries())
    expect(sum).toBeCloseTo(lines.reduce((total, { dollars }) => total + (dollars[way] ?? 0), 0));
  expect(new Set(sums).size).toBe(ways.length);
});

test('a query has the lines that it pays for, and the month takes its price from them', () => {
  const { lines, sums } = queryLines(details);
  expect(lines.map(({ what, units }) => [what, units[0]])).toEqual([
    ['API Gateway, requests', 1],
    ['Lambda, invocations', 1],
    ['DynamoDB, read units', 8],
  ]);
  expect(sums[0]).toBeCloseTo((PRICES.apiRequest + PRICES.lambdaRequest + 8 * PRICES.readUnit) * 1e6);
  expect(monthInputOf(details, 0).queriesPerMillion).toBe(sums[0]);
});

test('the month takes its requests as each alone in its second', () => {
  const { sums } = entryLines(details, ['apartBatches', 'alone']);
  const { batchesPerMillion, alonePerMillion, invocations } = monthInputOf(details, 0);
  expect([batchesPerMillion, alonePerMillion]).toEqual(sums);
  expect(invocations).toEqual({ batches: 0.02, alone: 1, queries: 1 });
});

test('the page on costs shows all that was measured', () => {
  const bench = resultOf(
    { name: 'cost', title: '', full: false, seconds: 0, loadAverage: { before: 0, after: 0 } },
    { figures: [], details },
  );
  const page = withMeasuredCosts(readFileSync(COST_PAGE, 'utf8'), bench);
  for (const row of [
    '| DynamoDB, read units | $0.125 | 8 | 1.00 |',
    '| DynamoDB, write units of the views | $0.625 | 0.2 | 0.4 | 1.3 |',
    '| DynamoDB, write units of the views | $0.625 | 1 | 2 |',
  ])
    expect(page).toContain(row);
  expect(page).toContain(
    `| queries: a balance or the latest events | 4.5 million | $${queryLines(details).sums[0]?.toFixed(2)} |`,
  );
});
