import { PRICES } from '../../src/cli/cost/prices.ts';
import type { RunCost } from '../../src/cli/cost/run-cost.ts';
import type { Consumed } from '../../src/local/index.ts';
import type { MonthInput } from './month.ts';

/**
 * How entries are sent in batches: as fast as they are answered with accounts of one chain a batch, so with any accounts, and with
 * any accounts and nothing else in a batch's second.
 */
export const BATCH_WAYS = ['batches', 'anyBatches', 'apartBatches'] as const;
/** How they are sent one by one: as fast as they are answered, and with nothing else in an entry's second. */
export const SINGLE_WAYS = ['single', 'alone'] as const;
export type Way = (typeof BATCH_WAYS | typeof SINGLE_WAYS)[number];

/** The run with the median cost, for each way of sending, and for the queries. */
export type CostDetails = Record<Way, EntryRuns> & { queries: PricedRun };

export interface PricedRun {
  /** Entries, or queries. */
  count: number;
  cost: RunCost;
  consumed: Consumed;
}

export interface EntryRuns extends PricedRun {
  /** Bytes of journal and views that each entry added, as DynamoDB bills storage: 100 bytes for an item among them. */
  storedBytesAnEntry: number;
}

/** What an entry or a query needs, its price, and what that makes of a million: a line of the tables on costs. */
export interface PriceLine {
  what: string;
  /** Of a million, in US dollars. */
  price: number;
  /** For one, by run. */
  units: number[];
  /** For a million, in whole cents. */
  dollars: number[];
}

const CAPTURE_BYTES = 1_024;

/** The lines of a million entries by way of sending, and their sums. */
export function entryLines(details: CostDetails, ways: readonly Way[]): PriceLines {
  return priceLines(ways.map((way) => details[way]));
}

/** The lines of a million queries, those alone that cost something, and their sum. */
export function queryLines({ queries }: CostDetails): PriceLines {
  const { lines, sums } = priceLines([queries]);
  return { lines: lines.filter(({ units }) => units.some((each) => each > 0)), sums };
}

export interface PriceLines {
  lines: PriceLine[];
  /** Of the lines as they are shown, by run. */
  sums: number[];
}

function priceLines(runs: readonly PricedRun[]): PriceLines {
  const lineOf = (what: string, price: number, quantity: (run: PricedRun) => number): PriceLine => {
    const units = runs.map((run) => shown(quantity(run) / run.count));
    return { what, price: price * 1e6, units, dollars: units.map((each) => cents(each * price * 1e6)) };
  };
  const journal = ({ consumed }: PricedRun): number =>
    Object.entries(consumed.byTable).find(([name]) => name.includes('Journal'))?.[1].writeUnits ?? 0;
  const lines = [
    lineOf('API Gateway, requests', PRICES.apiRequest, ({ consumed }) => consumed.apiRequests),
    lineOf('Lambda, invocations', PRICES.lambdaRequest, ({ consumed }) => consumed.invocations),
    lineOf('Lambda, GB-s', PRICES.lambdaGbSecond, ({ consumed }) => consumed.gbSeconds),
    lineOf('DynamoDB, write units of the journal', PRICES.writeUnit, journal),
    lineOf('DynamoDB, write units of the views', PRICES.writeUnit, (run) => run.consumed.writeUnits - journal(run)),
    lineOf('DynamoDB, read units', PRICES.readUnit, ({ consumed }) => consumed.readUnits),
    lineOf('DynamoDB, KB handed to Kinesis', PRICES.changeDataCaptureUnit, ({ consumed }) =>
      Math.max(consumed.kinesisRecords, consumed.kinesisBytes / CAPTURE_BYTES),
    ),
    lineOf('Kinesis, records of up to 25 KB', PRICES.kinesisPutUnit, ({ consumed }) => consumed.kinesisRecords),
  ];
  const sums = runs.map((_, run) => cents(lines.reduce((sum, { dollars }) => sum + (dollars[run] ?? 0), 0)));
  return { lines, sums };
}

/** What the arithmetic of a month takes from the measurements. */
export function monthInputOf(details: CostDetails, idle: number): MonthInput {
  const [batchesPerMillion = 0, alonePerMillion = 0] = entryLines(details, ['apartBatches', 'alone']).sums;
  const [queriesPerMillion = 0] = queryLines(details).sums;
  const invocationsOf = ({ consumed, count }: PricedRun): number => consumed.invocations / count;
  const { apartBatches: batches, alone, queries } = details;
  return {
    batchesPerMillion,
    alonePerMillion,
    queriesPerMillion,
    invocations: {
      batches: invocationsOf(batches),
      alone: invocationsOf(alone),
      queries: invocationsOf(queries),
    },
    storedBytes: { batches: batches.storedBytesAnEntry, alone: alone.storedBytesAnEntry },
    idle,
  };
}

/** Three significant digits, as the table shows them. */
function shown(value: number): number {
  return Number(value.toPrecision(3));
}

function cents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}
