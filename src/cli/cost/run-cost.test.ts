import { expect, test } from 'vitest';
import { PRICES } from './prices.ts';
import { type Consumption, runCost } from './run-cost.ts';

const NOTHING: Consumption = {
  writeUnits: 0,
  readUnits: 0,
  kinesisRecords: 0,
  kinesisBytes: 0,
  apiRequests: 0,
  lambdaInvocations: 0,
  lambdaGbSeconds: 0,
  stateTransitions: 0,
};

test('nothing used costs nothing, also without entries', () => {
  expect(runCost(NOTHING, 0)).toMatchObject({ total: 0, perMillionEntries: null });
  expect(runCost(NOTHING, undefined)).toMatchObject({ perMillionEntries: null });
});

test.each([
  ['writeUnits', 0.625],
  ['readUnits', 0.125],
  ['apiRequests', 1],
  ['lambdaInvocations', 0.2],
  ['lambdaGbSeconds', 13.3334],
  ['stateTransitions', 25],
] as const)('a million %s cost $%d', (field, usd) => {
  expect(runCost({ ...NOTHING, [field]: 1e6 }, 1).total).toBeCloseTo(usd, 9);
});

test.each([
  { kinesisRecords: 10, kinesisBytes: 3_000, capture: 10, put: 10 },
  { kinesisRecords: 10, kinesisBytes: 100_000, capture: 98, put: 10 },
  { kinesisRecords: 1, kinesisBytes: 1e9, capture: 976_563, put: 39_063 },
])('the stream counts records by size: %o', ({ capture, put, ...used }) => {
  const { items } = runCost({ ...NOTHING, ...used }, 1);
  const captured = items.find(({ what }) => what === 'changes handed to Kinesis');
  const records = items.find(({ service }) => service === 'Kinesis');
  expect([captured?.quantity, records?.quantity]).toEqual([capture, put]);
  expect(captured?.usd).toBeCloseTo((capture * 0.1) / 1e6, 12);
  expect(records?.usd).toBeCloseTo((put * 0.014) / 1e6, 12);
});

test('the total is the sum of its items, and scales to a million entries', () => {
  const used: Consumption = {
    ...NOTHING,
    writeUnits: 40_000,
    readUnits: 10_000,
    apiRequests: 5000,
    lambdaGbSeconds: 100,
  };
  const cost = runCost(used, 50_000);
  expect(cost.total).toBeCloseTo(0.025 + 0.00125 + 0.005 + 0.00133334, 12);
  expect(cost.total).toBeCloseTo(
    cost.items.reduce((sum, item) => sum + item.usd, 0),
    12,
  );
  expect(cost.perMillionEntries).toBeCloseTo(cost.total * 20, 12);
});

test('the table says when and where it is from', () => {
  expect(PRICES).toMatchObject({ region: 'us-east-1', currency: 'USD' });
  expect(PRICES.asOf).toMatch(/^20\d\d-\d\d$/);
});
