import { expect, test } from 'vitest';
import { twinConfig } from '../config.ts';
import { Books } from './books.ts';
import { instalment, isInstalmentDue, monthEnd, newLoan } from './end-of-day.ts';
import { World } from './world.ts';

const world = new World(twinConfig({ runId: 'r', members: 1, days: 30 }));
const member = world.members[0] ?? fail();
const { terms } = world;
const day = world.calendar[29] ?? fail();
const application = {
  member: 0,
  day: 9,
  principalMinor: 1_000_000,
  termMonths: 36,
  expect: 'ACCEPTED',
  arrears: false,
} as const;

function fail(): never {
  throw new Error('The world is empty');
}

function booksWith(txnMinor: number): Books {
  const books = new Books(1);
  books.open(0, 'TXN', txnMinor);
  books.post({ legs: [{ account: { member: 0, kind: 'LOAN' }, direction: 'CREDIT', amountMinor: 1_000_000 }] });
  return books;
}

test('an instalment pays the interest of the days since, then the loan', () => {
  const loan = newLoan(application, terms);
  // The annuity of $10,000 over 36 months at 11.99 % is $332.10 a month; × 12 / 26 = $153.28 a fortnight.
  expect(loan.instalmentMinor).toBe(15_328);
  const books = booksWith(20_000);
  const [entry] = instalment({ loan, member, books, terms, day });
  // 1,000,000 × 11.99 % × 20 / 365 = 6,569.86
  expect(entry?.legs.map((leg) => leg.amountMinor)).toEqual([15_328, 15_328 - 6_570, 6_570]);
  expect(entry?.expect).toBe('ACCEPTED');
  expect(books.balanceMinor(0, 'TXN')).toBe(20_000 - 15_328);
  expect(loan).toMatchObject({ paid: 1, missed: 0, interestFromDay: 29 });
});

test('an instalment beyond the balance is tried and refused; in arrears it is not tried', () => {
  const loan = newLoan(application, terms);
  const books = booksWith(15_327);
  expect(instalment({ loan, member, books, terms, day })[0]?.expect).toBe('InsufficientFunds');
  expect(books.balanceMinor(0, 'TXN')).toBe(15_327);
  const late = newLoan({ ...application, arrears: true }, terms);
  expect(instalment({ loan: late, member, books, terms, day })).toEqual([]);
  expect([loan.missed, late.missed]).toEqual([1, 1]);
});

test('the first instalment comes with a payday a week or more after the drawdown', () => {
  const loan = newLoan(application, terms);
  expect([15, 16, 17].map((on) => isInstalmentDue(loan, { day: on, payday: true }))).toEqual([false, true, true]);
  expect(isInstalmentDue(loan, { day: 17, payday: false })).toBe(false);
});

test.each([
  // $1,000 for 31 days: 1.5 % is $1.27, with the bonus of 3 % it is $3.82.
  [{ depositedMinor: 20_000, withdrawals: 1 }, 382],
  [{ depositedMinor: 19_999, withdrawals: 0 }, 127],
  [{ depositedMinor: 90_000, withdrawals: 2 }, 127],
])('savings earn the bonus by its conditions: %j', (month, interestMinor) => {
  const books = booksWith(500);
  const savings = { balanceDaysMinor: 31 * 100_000, ...month };
  const entries = monthEnd({ savings, loan: undefined, member, books, terms, day });
  expect(entries.map((entry) => [entry.purpose, entry.legs[1]?.amountMinor])).toEqual([
    ['SAVINGS_INTEREST', interestMinor],
  ]);
  expect(books.balanceMinor(0, 'SAVINGS')).toBe(interestMinor);
});

test('the loan’s fee is taken if the account can bear it', () => {
  const savings = { balanceDaysMinor: 0, depositedMinor: 0, withdrawals: 0 };
  const loan = newLoan(application, terms);
  expect(
    monthEnd({ savings, loan, member, books: booksWith(1_000), terms, day }).map((entry) => entry.purpose),
  ).toEqual(['LOAN_FEE']);
  expect(monthEnd({ savings, loan, member, books: booksWith(999), terms, day })).toEqual([]);
});
