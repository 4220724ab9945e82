import { PRICES } from './prices.ts';

/** What a run used, as the local cloud metered it. */
export interface Consumption {
  writeUnits: number;
  readUnits: number;
  /** Records that the journal's table handed to the stream, and their size. */
  kinesisRecords: number;
  kinesisBytes: number;
  apiRequests: number;
  lambdaInvocations: number;
  lambdaGbSeconds: number;
  stateTransitions: number;
}

export interface CostItem {
  service: string;
  what: string;
  quantity: number;
  unit: string;
  usd: number;
}

export interface RunCost {
  currency: 'USD';
  total: number;
  /** For a million entries at this run's mix of commands and queries; null when the run made none, or nobody knows how many. */
  perMillionEntries: number | null;
  region: string;
  /** Month of the price table. */
  pricesAsOf: string;
  items: CostItem[];
  notIncluded: string[];
}

/** What a change-data-capture unit and a Kinesis put unit cover. */
const CAPTURE_UNIT_BYTES = 1024;
const PUT_UNIT_BYTES = 25 * 1024;
/** Hours of a month of 30.4 days, for the stream's standing charge. */
const MONTH_HOURS = 730;

/**
 * Prices what a run used.
 * @param entries those that the run made; undefined when that is not known
 * Amounts are not rounded: a run costs cents, and a report rounds when it shows them. */
export function runCost(used: Consumption, entries: number | undefined): RunCost {
  // Each record is taken at the mean size: exact where commits are of similar size, else a little low.
  const captureUnits = units(used, CAPTURE_UNIT_BYTES);
  const putUnits = units(used, PUT_UNIT_BYTES);
  const items: CostItem[] = [
    item('DynamoDB', 'writes to journal and views', used.writeUnits, 'write units', PRICES.writeUnit),
    item('DynamoDB', 'reads', used.readUnits, 'read units', PRICES.readUnit),
    item('DynamoDB', 'changes handed to Kinesis', captureUnits, 'units', PRICES.changeDataCaptureUnit),
    item('Kinesis', 'records put', putUnits, 'units of 25 KB', PRICES.kinesisPutUnit),
    item('API Gateway', 'requests', used.apiRequests, 'requests', PRICES.apiRequest),
    item('Lambda', 'invocations', used.lambdaInvocations, 'invocations', PRICES.lambdaRequest),
    item('Lambda', 'memory × time', used.lambdaGbSeconds, 'GB-s', PRICES.lambdaGbSecond),
    item('Step Functions', 'state transitions', used.stateTransitions, 'transitions', PRICES.stateTransition),
  ];
  const total = items.reduce((sum, { usd }) => sum + usd, 0);
  return {
    currency: PRICES.currency,
    total,
    perMillionEntries: entries === undefined || entries === 0 ? null : (total / entries) * 1e6,
    region: PRICES.region,
    pricesAsOf: PRICES.asOf,
    items,
    notIncluded: [
      `storage (US$${PRICES.storageGbMonth} a GB and month)`,
      `the stream’s standing charge (US$${(PRICES.kinesisShardHour * MONTH_HOURS).toFixed(0)} a shard and month)`,
      'logs, metrics, traces and alarms',
      'Cognito tokens',
      'free tiers and taxes',
    ],
  };
}

function units(used: Consumption, unitBytes: number): number {
  return Math.max(used.kinesisRecords, Math.ceil(used.kinesisBytes / unitBytes));
}

function item(service: string, what: string, quantity: number, unit: string, price: number): CostItem {
  return { service, what, quantity, unit, usd: quantity * price };
}
