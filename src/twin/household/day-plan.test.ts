import { expect, test } from 'vitest';
import { twinConfig } from '../config.ts';
import { Books } from '../world/books.ts';
import { World } from '../world/world.ts';
import { planDay, type DayContext } from './day-plan.ts';

const world = new World(twinConfig({ runId: 'r', members: 60, days: 30 }));

function contextOf(member: number, options: { day: number; txnMinor: number }): DayContext {
  const { config, archetype, terms } = world;
  const day = world.calendar[options.day];
  const person = world.members[member];
  const household = world.households[member];
  if (!day || !person || !household) throw new RangeError('No such member or day');
  const books = new Books(config.members);
  books.open(member, 'TXN', options.txnMinor);
  books.open(member, 'SAVINGS', 20_000);
  const payday = world.isPayday(member, options.day);
  return {
    config,
    archetype,
    terms,
    day,
    member: person,
    household,
    books,
    payday,
    loan: undefined,
    fraudBurst: 0,
    reservedMinor: 0,
  };
}

test('a day depends on member, day and balance, not on the order of evaluation', () => {
  const days = Array.from({ length: 60 }, (_, member) => ({ member, day: member % 30 }));
  const plan = ({ member, day }: { member: number; day: number }) =>
    planDay(contextOf(member, { day, txnMinor: 150_000 }));
  const forward = days.map(plan);
  const backward = days.toReversed().map(plan).toReversed();
  expect(backward).toEqual(forward);
});

test('a day runs by the clock, and has zero to five honest card purchases', () => {
  for (let member = 0; member < 60; member += 1) {
    for (const day of [0, 4, 9, 16]) {
      const { own } = planDay(contextOf(member, { day, txnMinor: 300_000 }));
      const seconds = own.map((entry) => entry.second);
      expect(seconds).toEqual(seconds.toSorted((left, right) => left - right));
      expect(own.filter((entry) => entry.purpose === 'CARD').length).toBeLessThanOrEqual(5);
      expect(own.every((entry) => entry.expect === 'ACCEPTED')).toBe(true);
    }
  }
});

test('with nothing in the account, what is tried is expected to be refused', () => {
  const outcomes = new Set<string>();
  for (let member = 0; member < 60; member += 1) {
    for (let day = 0; day < 30; day += 1) {
      const context = contextOf(member, { day, txnMinor: 0 });
      if (context.payday) continue;
      const { own, payments } = planDay({ ...context, books: new Books(60) });
      expect(payments).toEqual([]);
      for (const entry of own) if (entry.purpose !== 'CASH_IN') outcomes.add(`${entry.purpose} ${entry.expect}`);
    }
  }
  expect(outcomes).toContain('CARD InsufficientFunds');
  expect(outcomes).toContain('BILL_DIRECT_ENTRY InsufficientFunds');
  expect([...outcomes].filter((outcome) => outcome.startsWith('MEMBER_PAYMENT') || outcome.startsWith('SAVE'))).toEqual(
    [],
  );
});

test('money promised for the evening is not spent during the day', () => {
  for (let member = 0; member < 60; member += 1) {
    const context = contextOf(member, { day: 8, txnMinor: 60_000 });
    const { own, payments } = planDay({ ...context, reservedMinor: 30_000 });
    const promisedMinor = payments.reduce((sum, payment) => sum + (payment.legs[0]?.amountMinor ?? 0), 30_000);
    const before = own.filter((entry) => entry.expect === 'ACCEPTED').length;
    expect(context.books.balanceMinor(member, 'TXN'), `${before} entries`).toBeGreaterThanOrEqual(promisedMinor);
  }
});

test('fraud adds purchases online and leaves the honest ones as they are', () => {
  const context = contextOf(5, { day: 11, txnMinor: 500_000 });
  const honest = planDay(context).own;
  const { own } = planDay({ ...contextOf(5, { day: 11, txnMinor: 500_000 }), fraudBurst: 3 });
  const fraud = own.filter((entry) => entry.fraud);
  expect(fraud).toHaveLength(3);
  expect(fraud.every((entry) => entry.purpose === 'CARD' && entry.tags.channel === 'ONLINE')).toBe(true);
  const amounts = (entries: typeof own) =>
    entries.filter((entry) => !entry.fraud).map((entry) => [entry.second, entry.purpose]);
  expect(amounts(own)).toEqual(amounts(honest));
});
