import { PRICES } from '../../src/cli/cost/prices.ts';

/**
 * A tenant of CU_LARGE's size: 75,000 members, each with 2.5 entries a day, as the specification of the digital twin has it.
 * What members ask is ours to assume: the balance and the latest events, once a day.
 */
export const CU_LARGE = { members: 75_000, entriesAMemberAndDay: 2.5, queriesAMemberAndDay: 2, days: 30 } as const;
/** Of all entries: card payments come one by one, salaries, bills and interest in batches. */
const SINGLE_SHARE = 0.5;
const STORED_MONTHS = 12;
/** What a function's invocation writes to its log, in bytes. */
const LOG_BYTES = 1_500;
/** Invocations that are traced: one a second, and of the rest a share. */
const TRACED_SHARE = 0.05;

/** What such a month is made of, as it was measured. */
export interface MonthInput {
  /**
   * Of a million, in US dollars. 2.2 entries a second are a batch in 45 seconds and one single entry in each: hardly two meet
   * in a second, so both are taken as alone, and batches with any accounts.
   */
  batchesPerMillion: number;
  alonePerMillion: number;
  queriesPerMillion: number;
  /** For an entry or a query. */
  invocations: { batches: number; alone: number; queries: number };
  storedBytes: { batches: number; alone: number };
  /** Of the whole deployment, which tenants in fact share. */
  idle: number;
}

export interface MonthLine {
  what: string;
  quantity: number;
  unit: 'million' | 'GB' | '';
  /** Of one such unit, in US dollars. */
  price: number;
  dollars: number;
}

export interface Month {
  lines: MonthLine[];
  dollars: number;
}

/**
 * The arithmetic of such a month, the only one there is: both documents and the benchmark show it. Prices are in whole cents,
 * quantities in hundredths, and the sum is that of the lines as they are shown.
 */
export function monthOf(measured: MonthInput): Month {
  const { members, entriesAMemberAndDay, queriesAMemberAndDay, days } = CU_LARGE;
  const { invocations, storedBytes } = measured;
  const entries = members * entriesAMemberAndDay * days;
  const alone = entries * SINGLE_SHARE;
  const batches = entries - alone;
  const queries = members * queriesAMemberAndDay * days;
  const invoked = batches * invocations.batches + alone * invocations.alone + queries * invocations.queries;
  const seconds = Math.min(invoked, days * 86_400);
  const traced = seconds + (invoked - seconds) * TRACED_SHARE;
  const bytesAnEntry = storedBytes.batches * (1 - SINGLE_SHARE) + storedBytes.alone * SINGLE_SHARE;
  const storedGb = (entries * STORED_MONTHS * bytesAnEntry) / 1e9;
  const lines = [
    lineOf(
      'entries in batches of 50 with any accounts, each batch alone',
      batches / 1e6,
      'million',
      measured.batchesPerMillion,
    ),
    lineOf('entries one by one, each alone', alone / 1e6, 'million', measured.alonePerMillion),
    lineOf('queries: a balance or the latest events', queries / 1e6, 'million', measured.queriesPerMillion),
    lineOf(
      `storage of ${STORED_MONTHS} months at ${Math.round(bytesAnEntry)} bytes an entry, with backups`,
      storedGb,
      'GB',
      PRICES.storageGbMonth + PRICES.backupGbMonth,
    ),
    lineOf(
      `logs, ${LOG_BYTES / 1_000} KB for each of ${(invoked / 1e6).toFixed(1)} million invocations`,
      (invoked * LOG_BYTES) / 1e9,
      'GB',
      PRICES.logGb,
    ),
    lineOf('traces: one a second and a twentieth of the rest', traced / 1e6, 'million', PRICES.trace * 1e6),
    lineOf('the idle deployment', 1, '', measured.idle),
  ];
  return { lines, dollars: hundredths(lines.reduce((sum, { dollars }) => sum + dollars, 0)) };
}

function lineOf(what: string, quantity: number, unit: MonthLine['unit'], price: number): MonthLine {
  const [shown, cents] = [quantity < 10 ? Math.round(quantity * 1e4) / 1e4 : hundredths(quantity), hundredths(price)];
  return { what, quantity: shown, unit, price: cents, dollars: hundredths(shown * cents) };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
