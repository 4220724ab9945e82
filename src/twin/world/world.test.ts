import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { twinConfig } from '../config.ts';
import { calibrationOf } from '../report/calibration.ts';
import { Books } from './books.ts';
import type { DayPlan, EntryIntent } from './intent.ts';
import { liveThrough, World } from './world.ts';

const worldOf = (settings: {
  seed?: string;
  members?: number;
  days?: number;
  start?: string;
  workers?: number;
  fraudRate?: number;
  arrearsRate?: number;
}) => new World(twinConfig({ runId: 'r', ...settings }));

/** All entries of a day, in the order of posting. */
const entriesOf = (plan: DayPlan): EntryIntent[] => [...plan.own, ...plan.settlement, ...plan.endOfDay];

describe.each(['42', '1', '7', 'autumn'])('a default month of seed %s', (seed) => {
  const world = liveThrough(worldOf({ seed }));
  const { tally } = world;

  test('is the size that the scenario names', () => {
    const entries = tally.entries.count + tally.deposits.count;
    const volume = (tally.entries.minor + tally.deposits.minor) / 100;
    expect(entries).toBeGreaterThan(37_500 * 0.95);
    expect(entries).toBeLessThan(37_500 * 1.05);
    expect(volume).toBeGreaterThan(5_000_000 * 0.9);
    expect(volume).toBeLessThan(5_000_000 * 1.1);
    expect(world.accountCount()).toBeGreaterThanOrEqual(1_000);
  });

  test('decides 75 applications for loans, 60 of them in favour', () => {
    expect(tally.loans).toEqual({ applications: 75, approved: 60, refused: 15 });
    const byCriteria = ['IncomeTooLow', 'CreditScoreTooLow', 'DebtToIncomeTooHigh'] as const;
    expect(byCriteria.reduce((sum, code) => sum + (tally.refusals.get(code) ?? 0), 0)).toBe(15);
  });

  test('moves money to savings on two days of five, and meets the fraud setting', () => {
    expect((tally.byPurpose.get('SAVE')?.count ?? 0) / 15_000).toBeCloseTo(0.4, 1);
    expect(tally.fraud.length / (tally.byPurpose.get('CARD')?.count ?? 1)).toBeCloseTo(0.001, 3);
    expect(tally.byPurpose.get('SALARY')?.count ?? 0).toBe(
      2 * world.members.filter((member) => member.employed).length,
    );
  });

  test('comes near the published shares of spending', () => {
    const spending = calibrationOf(world).filter((row) => row.measure.startsWith('Spending on'));
    expect(spending).toHaveLength(15);
    const farthest = Math.max(...spending.map(({ ours, published }) => Math.abs((ours ?? 100) - (published ?? 0))));
    expect(farthest).toBeLessThan(2.5);
    const payments = calibrationOf(world).find((row) => row.measure === 'Payments a member and day');
    expect(payments?.ours).toBeCloseTo(1.9, 0);
  });

  test('calls no setting of the scenario a published figure', () => {
    const calibration = calibrationOf(world);
    for (const row of calibration.filter(({ source }) => source === 'Specification of the scenario')) {
      expect(row).toMatchObject({ published: null, set: expect.any(Number) });
    }
    expect(calibration.find(({ measure }) => measure === 'Unemployment')).toMatchObject({ set: 4, published: null });
    expect(calibration.find(({ measure }) => measure === 'Loans missing repayments')).toMatchObject({
      set: 2,
      published: 0.47,
    });
  });
});

test('entries balance, and replaying them gives the same books, refusing what was expected to be refused', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 45 }),
      (seed, members, days) => {
        const world = worldOf({ seed, members, days });
        const books = new Books(members);
        world.households.forEach(({ opening }, member) => {
          books.open(member, 'TXN', opening.txnMinor);
          books.open(member, 'SAVINGS', opening.savingsMinor);
          if (opening.termMinor > 0) books.open(member, 'TERM', opening.termMinor);
        });
        const principalsMinor = new Map<number, number>();
        const keys = new Set<string>();
        while (world.nextDay < days) {
          const plan = world.advance();
          for (const loan of plan.loans)
            if (loan.expect === 'ACCEPTED') principalsMinor.set(loan.member, loan.principalMinor);
          for (const entry of entriesOf(plan)) {
            expect(keys).not.toContain(entry.key);
            keys.add(entry.key);
            let sum = 0;
            let refused = false;
            for (const { account, direction, amountMinor } of entry.legs) {
              expect(Number.isSafeInteger(amountMinor) && amountMinor > 0).toBe(true);
              const deltaMinor = direction === 'DEBIT' ? amountMinor : -amountMinor;
              sum += deltaMinor;
              if (typeof account === 'string') continue;
              const floorMinor = account.kind === 'LOAN' ? -(principalsMinor.get(account.member) ?? 0) : 0;
              refused ||= books.balanceMinor(account.member, account.kind) + deltaMinor < floorMinor;
            }
            expect(sum).toBe(0);
            expect(refused ? 'InsufficientFunds' : 'ACCEPTED', entry.key).toBe(entry.expect);
            if (!refused) books.post(entry);
          }
        }
        for (const kind of ['TXN', 'SAVINGS', 'TERM', 'LOAN'] as const) {
          for (let member = 0; member < members; member += 1) {
            expect(books.balanceMinor(member, kind)).toBe(world.books.balanceMinor(member, kind));
          }
        }
        let trialBalanceMinor = 0;
        for (const balance of books.generalLedger().values()) trialBalanceMinor += balance;
        for (const kind of ['TXN', 'SAVINGS', 'TERM', 'LOAN'] as const) trialBalanceMinor += books.totalMinor(kind);
        expect(trialBalanceMinor).toBe(0);
      },
    ),
    { numRuns: 25 },
  );
});

test('equal settings give equal plans; workers change nothing, the seed does', () => {
  const plans = (settings: Parameters<typeof worldOf>[0]) => {
    const world = worldOf({ members: 30, days: 10, ...settings });
    return Array.from({ length: 10 }, () => world.advance());
  };
  const reference = plans({});
  expect(plans({})).toEqual(reference);
  expect(plans({ workers: 9 })).toEqual(reference);
  expect(plans({ seed: '43' })).not.toEqual(reference);
});

test('own entries touch one member, settlements two, and each part keeps its hours', () => {
  const world = worldOf({ members: 80, days: 31, start: '2025-01-01' });
  const touched = (entry: EntryIntent) =>
    new Set(entry.legs.flatMap((leg) => (typeof leg.account === 'string' ? [] : [leg.account.member])));
  for (let day = 0; day < 31; day += 1) {
    const plan = world.advance();
    for (const entry of [...plan.own, ...plan.endOfDay]) expect([...touched(entry)]).toEqual([entry.member]);
    for (const entry of plan.settlement) expect(touched(entry).size).toBe(2);
    const seconds = entriesOf(plan).map((entry) => entry.second);
    expect(seconds).toEqual(seconds.toSorted((left, right) => left - right));
    expect(plan.endOfDay.some((entry) => entry.purpose === 'SAVINGS_INTEREST')).toBe(plan.date.endsWith('-31'));
  }
});

test('twice the members do twice as much', () => {
  const small = liveThrough(worldOf({ members: 400, days: 14 })).tally.entries.count;
  const large = liveThrough(worldOf({ members: 800, days: 14 })).tally.entries.count;
  expect(large / small).toBeGreaterThan(1.9);
  expect(large / small).toBeLessThan(2.1);
});

test('the arrears setting misses repayments, the fraud setting can be none', () => {
  const world = liveThrough(worldOf({ members: 200, fraudRate: 0, arrearsRate: 0.5 }));
  const loans = [...world.loans()];
  expect(loans.filter((loan) => loan.application.arrears)).toHaveLength(12);
  for (const loan of loans) if (loan.application.arrears) expect(loan.paid).toBe(0);
  expect(loans.some((loan) => loan.paid > 0)).toBe(true);
  expect(world.tally.fraud).toEqual([]);
});

test('one member alone lives, and pays nobody', () => {
  const world = liveThrough(worldOf({ members: 1, days: 30 }));
  expect(world.tally.byPurpose.has('MEMBER_PAYMENT')).toBe(false);
  expect(world.tally.entries.count).toBeGreaterThan(10);
});

test('the calibration has no share of nothing', () => {
  const calibration = calibrationOf(liveThrough(worldOf({ members: 1, days: 1 })));
  const oursOf = (measure: string) => calibration.find((row) => row.measure === measure)?.ours;
  expect(oursOf('Loans missing repayments')).toBeNull();
  expect(oursOf('Loan applications approved')).toBeNull();
  expect(oursOf('Transfers to savings a member and day')).toEqual(expect.any(Number));
});
