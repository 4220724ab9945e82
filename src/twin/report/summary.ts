import { commandIdOf } from '../random/command-id.ts';
import type { World } from '../world/world.ts';
import { calibrationOf, type CalibrationRow } from './calibration.ts';

/** What a finished run hands back. Dollars, as people read them. */
export interface TwinSummary {
  /** Every figure is about invented people. */
  synthetic: true;
  runId: string;
  tenantId: string;
  seed: string;
  start: string;
  /** Last simulated date. */
  end: string;
  days: number;
  members: number;
  accounts: number;
  /** Accepted PostEntry commands and opening deposits: the journal's EntryPosted and FundsPosted. */
  entries: number;
  /** Sum of the debits of those entries. */
  volume: number;
  openingDeposits: { count: number; volume: number };
  loans: { applications: number; approved: number; refused: number; repayments: number; missedRepayments: number };
  commands: { sent: number; accepted: number; refused: number; unexpected: 0 };
  refusals: Record<string, number>;
  /** Balances at the end of each day, what was posted on it. */
  daily: {
    date: string;
    entries: number;
    volume: number;
    refused: number;
    transaction: number;
    savings: number;
    term: number;
    loans: number;
  }[];
  spendingByCategory: Record<string, { count: number; volume: number }>;
  calibration: CalibrationRow[];
  /** The detector never sees this. */
  groundTruth: { fraud: GroundTruth };
}

interface GroundTruth {
  attempts: number;
  accepted: number;
  volume: number;
  /** Command ids of the purchases, tried or done: the first 1,000. */
  commandIds: string[];
}

/** A state's output may hold 256 KiB: 1,000 ids are 39 KB. */
const LISTED_FRAUD = 1_000;
/** Days listed one by one; 1,000 are 120 KB. */
const LISTED_DAYS = 1_000;

/** Sums up a world that has lived all its days. */
export function summaryOf(world: World): TwinSummary {
  const { config, tally } = world;
  const loans = [...world.loans()];
  const refused = [...tally.refusals.values()].reduce((left, right) => left + right, 0);
  const accounts = world.accountCount();
  // Tenant, products, customers and accounts (loans approved among them), and entries.
  const accepted = 1 + world.archetype.products.length + config.members + accounts + tally.entries.count;
  return {
    synthetic: true,
    runId: config.runId,
    tenantId: config.tenantId,
    seed: config.seed,
    start: config.start,
    end: tally.days.at(-1)?.date ?? config.start,
    days: world.nextDay,
    members: config.members,
    accounts,
    entries: tally.entries.count + tally.deposits.count,
    volume: (tally.entries.minor + tally.deposits.minor) / 100,
    openingDeposits: { count: tally.deposits.count, volume: tally.deposits.minor / 100 },
    loans: {
      ...tally.loans,
      repayments: loans.reduce((sum, loan) => sum + loan.paid, 0),
      missedRepayments: loans.reduce((sum, loan) => sum + loan.missed, 0),
    },
    commands: { sent: accepted + refused, accepted, refused, unexpected: 0 },
    refusals: Object.fromEntries([...tally.refusals].toSorted(([left], [right]) => (left < right ? -1 : 1))),
    daily: dailyOf(world),
    spendingByCategory: Object.fromEntries(
      [...tally.byCategory]
        .toSorted(([, left], [, right]) => right.minor - left.minor)
        .map(([category, { count, minor }]) => [category, { count, volume: minor / 100 }]),
    ),
    calibration: calibrationOf(world),
    groundTruth: { fraud: fraudOf(world) },
  };
}

function dailyOf(world: World): TwinSummary['daily'] {
  return world.tally.days.slice(0, LISTED_DAYS).map((day) => ({
    date: day.date,
    entries: day.entries,
    volume: day.volumeMinor / 100,
    refused: day.refused,
    transaction: day.transactionMinor / 100,
    savings: day.savingsMinor / 100,
    term: day.termMinor / 100,
    loans: day.loansMinor / 100,
  }));
}

function fraudOf(world: World): GroundTruth {
  const { tenantId, seed } = world.config;
  const { fraud } = world.tally;
  const accepted = fraud.filter((record) => record.accepted);
  return {
    attempts: fraud.length,
    accepted: accepted.length,
    volume: accepted.reduce((sum, record) => sum + record.amountMinor, 0) / 100,
    commandIds: fraud.slice(0, LISTED_FRAUD).map((record) => commandIdOf(tenantId, `${seed}/${record.key}`)),
  };
}
