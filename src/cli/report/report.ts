import type { RunCost } from '../cost/run-cost.ts';

/** What a run of the demo leaves behind: report.json, and what the page and the text are made from. Amounts in whole units of the currency. */
export interface Report {
  /** No real person, account or institution is in the data. */
  synthetic: true;
  runId: string;
  scenario: string;
  seed: string;
  settings: { members: number; days: number; start: string; tenantId: string; workers: number };
  /** SHA-256, hex, over all chain heads of the store: on a store that began empty, the same flags give the same digest. */
  digest: string;
  /** The tenant's digest that was signed at the end, the id of the key, and the SHA-256 of its statement, which holds the time: it is another each run. */
  signed: { tenantId: string; number: number; key: string; sha256: string };
  /** Tenants that the store held before the run, in order; none of a store that began empty. */
  tenantsBefore: string[];
  /** Whether every command had been carried out in an earlier run: nothing was written, and what was timed are look-ups. */
  repeated: boolean;
  startedAt: string;
  durationMs: number;
  phases: PhaseDurations;
  tenants: TenantReport[];
  events: number;
  /** Over the seed and simulate phases; null of a repeated run. */
  throughput: { commandsPerSecond: number | null; eventsPerSecond: number | null };
  /** What the twin waited for an answer over HTTP: one value a request, which carries up to `BATCH_COMMANDS` of the twin's. */
  latencyMs: Percentiles;
  /** 95th percentile of the time from commit to view; null when nothing was committed. */
  projectionLagMs: number | null;
  invariants: Record<string, { checked: number; breaches: number; evidence: string[] }>;
  consumed: Record<
    'writeUnits' | 'readUnits' | 'kinesisBytes' | 'kinesisRecords' | 'apiRequests' | 'lambdaInvocations',
    number
  >;
  cost: RunCost;
  calibration: CalibrationRow[];
  /** Accounts whose balance, as the API tells it, is the one in the twin's own books: all, or the run has failed. */
  reconciledAccounts: number;
  /** By second of the run, for the plots. */
  course: {
    atSeconds: number[];
    commands: number[];
    events: number[];
    latencyMeanMs: (number | null)[];
    latencyP95Ms: (number | null)[];
  };
  machine: { node: string; platform: string; cpus: number };
  /** Command that repeats the run. */
  command: string;
}

export interface PhaseDurations {
  synthMs: number;
  startMs: number;
  seedMs: number;
  simulateMs: number;
  verifyMs: number;
}

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface TenantReport {
  tenantId: string;
  digest: string;
  currency: string;
  members: number;
  accounts: number;
  accountsByProduct: Record<string, number>;
  /** All of them, opening deposits among them. */
  entries: number;
  volume: number;
  openingDeposits: { entries: number; volume: number };
  loans: { applications: number; approved: number; refused: number };
  commands: { accepted: number; refused: number };
  refusedByError: Record<string, number>;
  /** Entries by booking date; opening deposits are made before the first day. */
  byDay: { date: string; entries: number; volume: number }[];
  /** Every entry by its tag `category`, income and transfers among them. */
  byCategory: { category: string; entries: number; volume: number }[];
  /** What members paid to merchants and billers in this run, largest first; of the tenant that the run was about only. */
  spending?: { category: string; entries: number; volume: number }[];
  balancesByDay: { date: string; deposits: number; loans: number }[];
}

export interface CalibrationRow {
  measure: string;
  unit: string;
  /** Null where there was nothing to count. */
  ours: number | null;
  /** What the scenario was told to come to; null where it was told nothing. */
  set: number | null;
  /** Null where nothing is published. */
  published: number | null;
  source: string;
  /** What stands in the way of a comparison. */
  note: string;
}

/** @returns how many checks of the invariants failed */
export function breachesIn(report: Pick<Report, 'invariants'>): number {
  return Object.values(report.invariants).reduce((sum, { breaches }) => sum + breaches, 0);
}

/** @returns how many checks of the invariants were made */
export function checksIn(report: Pick<Report, 'invariants'>): number {
  return Object.values(report.invariants).reduce((sum, { checked }) => sum + checked, 0);
}
