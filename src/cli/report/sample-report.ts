import { runCost } from '../cost/run-cost.ts';
import type { CalibrationRow, Report } from './report.ts';

/** A report as the tests need it, with numbers of the size of a real one. */
export function sampleReport(changes: Partial<Report> = {}): Report {
  const days = Array.from({ length: 30 }, (_, day) => ({
    date: new Date(Date.UTC(2025, 0, 2 + day)).toISOString().slice(0, 10),
    weekend: [0, 6].includes(new Date(Date.UTC(2025, 0, 2 + day)).getUTCDay()),
    payday: day % 14 === 6,
  }));
  const seconds = Array.from({ length: 18 }, (_, second) => second);
  const consumed = {
    writeUnits: 61_234,
    readUnits: 20_411,
    kinesisBytes: 24_117_248,
    kinesisRecords: 3_011,
    apiRequests: 6_210,
    lambdaInvocations: 7_400,
  };
  return {
    synthetic: true,
    runId: '20261121T183000-42',
    scenario: 'steady-state',
    seed: '42',
    settings: { members: 500, days: 30, start: '2025-01-02', tenantId: 'CU_DIGITAL', workers: 4 },
    digest: '3f2a'.repeat(16),
    signed: { tenantId: 'CU_DIGITAL', number: 1, key: '8c1d5e0a9b7f4c32', sha256: '5f'.repeat(32) },
    tenantsBefore: [],
    repeated: false,
    startedAt: '2026-11-21T18:30:00.000Z',
    durationMs: 17_400,
    phases: { synthMs: 1_900, startMs: 900, seedMs: 2_100, simulateMs: 10_300, verifyMs: 2_200 },
    tenants: [
      {
        tenantId: 'CU_DIGITAL',
        digest: '3f2a'.repeat(16),
        currency: 'AUD',
        members: 500,
        accounts: 1_163,
        accountsByProduct: { TXN_ACCOUNT_BASIC: 500, SAVINGS_STANDARD: 500, TERM_6M: 103, PL_CLASSIC: 60 },
        entries: 37_512,
        volume: 5_012_345.67,
        openingDeposits: { entries: 1_103, volume: 1_034_560 },
        loans: { applications: 75, approved: 60, refused: 15 },
        commands: { accepted: 39_240, refused: 63 },
        refusedByError: { CreditCriteriaNotMet: 15, InsufficientFunds: 48 },
        byDay: days.map(({ date, weekend, payday }, day) => ({
          date,
          entries: (weekend ? 1_420 : 1_190) + (payday ? 500 : 0) + ((day * 37) % 90),
          volume: (weekend ? 90_000 : 120_000) + (payday ? 1_050_000 : 0) + ((day * 5_417) % 20_000),
        })),
        byCategory: [
          'SALARY',
          'RENT',
          'GROCERIES',
          'TRANSFER',
          'MORTGAGE',
          'FUEL',
          'DINING',
          'UTILITIES',
          'INSURANCE',
          'CASH',
        ].map((category, index) => ({
          category,
          entries: 4_000 - index * 311,
          volume: 1_900_000 / (index + 1) ** 1.4,
        })),
        spending: Array.from({ length: 20 }, (_, index) => ({
          category: `KIND_${index}`,
          entries: 100 - index,
          volume: 20_000 - 1_000 * index,
        })),
        balancesByDay: days.map(({ date }, day) => ({
          date,
          deposits: 6_100_000 + Math.floor((day + 8) / 14) * 900_000 - (day % 14) * 31_000,
          loans: -(1_250_000 * day) / 29,
        })),
      },
    ],
    events: 118_402,
    throughput: { commandsPerSecond: 3_171, eventsPerSecond: 9_548 },
    latencyMs: { p50: 4.1, p95: 14.8, p99: 32.5 },
    projectionLagMs: 187.4,
    invariants: {
      BALANCED_ENTRIES: { checked: 38_679, breaches: 0, evidence: [] },
      DERIVED_BALANCES: { checked: 1_391, breaches: 0, evidence: [] },
      HASH_CHAIN: { checked: 118_402, breaches: 0, evidence: [] },
      TENANT_ISOLATION: { checked: 201_334, breaches: 0, evidence: [] },
      ACCOUNT_CONSTRAINTS: { checked: 79_655, breaches: 0, evidence: [] },
    },
    consumed,
    cost: runCost({ ...consumed, lambdaGbSeconds: 61.3, stateTransitions: 212 }, 37_512),
    calibration: [
      calibrationRow({
        measure: 'Payments a person a day',
        unit: '',
        ours: 2.5,
        published: 1.9,
        note: 'Ours are busy',
      }),
      calibrationRow({ measure: 'Card share of payments', unit: '%', ours: 74.1, published: 76, note: 'Near enough' }),
      calibrationRow({ measure: 'Median weekly earnings', unit: 'A$', ours: 1_402, published: 1_425 }),
      calibrationRow({ measure: 'Fraud, share of card purchases', unit: '%', ours: 0.11, set: 0.1 }),
      calibrationRow({ measure: 'Loan applications approved', unit: '%', ours: null, set: 80 }),
    ],
    reconciledAccounts: 1_163,
    course: {
      atSeconds: seconds,
      commands: seconds.map((second) => (second < 3 ? 120 * second : 3_200 + ((second * 271) % 700))),
      events: seconds.map((second) => (second < 3 ? 300 * second : 9_300 + ((second * 811) % 1_900))),
      latencyMeanMs: seconds.map((second) => (second < 2 ? null : 4.5 + ((second * 7) % 3))),
      latencyP95Ms: seconds.map((second) => (second < 2 ? null : 13 + ((second * 11) % 6))),
    },
    machine: { node: '24.21.0', platform: 'linux x64', cpus: 2 },
    command: 'npm run demo -- --members 500 --days 30 --start 2025-01-02 --seed 42',
    ...changes,
  };
}

function calibrationRow(
  row: Pick<CalibrationRow, 'measure' | 'unit' | 'ours'> & Partial<CalibrationRow>,
): CalibrationRow {
  return { set: null, published: null, source: 'RBA 2022', note: '', ...row };
}
