import type { ProductTerms } from '../archetypes/product-terms.ts';
import type { CalendarDay } from '../calendar/calendar.ts';
import type { Member } from '../population/member.ts';
import type { Books } from './books.ts';
import { transfer, type EntryIntent } from './intent.ts';
import type { LoanApplication } from './lending.ts';

/** What the twin, as the lender, keeps about a loan that was drawn. */
export interface LoanState {
  application: LoanApplication;
  /** A fortnightly instalment of the annuity. */
  instalmentMinor: number;
  /** Interest is reckoned from here. */
  interestFromDay: number;
  missed: number;
  paid: number;
}

/** Daily balances and movements of a member's savings in the current month. */
export interface SavingsMonth {
  balanceDaysMinor: number;
  depositedMinor: number;
  withdrawals: number;
}

const PPM_DAYS = 365 * 1_000_000;
const EVENING_SECOND = 23 * 3600 + 1800;
/** The first instalment comes with a payday at least this many days after the drawdown. */
const FIRST_INSTALMENT_DAYS = 7;

export function newSavingsMonth(): SavingsMonth {
  return { balanceDaysMinor: 0, depositedMinor: 0, withdrawals: 0 };
}

export function newLoan(application: LoanApplication, terms: ProductTerms): LoanState {
  const instalmentMinor = instalmentOf({ ...application, ratePpm: terms.loan.ratePpm });
  return { application, instalmentMinor, interestFromDay: application.day, missed: 0, paid: 0 };
}

export function isInstalmentDue(loan: LoanState, on: { day: number; payday: boolean }): boolean {
  return on.payday && on.day >= loan.application.day + FIRST_INSTALMENT_DAYS;
}

/**
 * An instalment out of the transaction account: the interest since the last one to GL_INTEREST_INCOME, the rest to the
 * loan. Posts to the books if it can be paid; a debit that bounces, or is not even tried (the arrears setting), counts as missed.
 */
export function instalment(options: {
  loan: LoanState;
  member: Member;
  books: Books;
  terms: ProductTerms;
  day: CalendarDay;
}): EntryIntent[] {
  const { loan, member, books, terms, day } = options;
  const owedMinor = -books.balanceMinor(member.index, 'LOAN');
  const interestMinor = Math.round((owedMinor * terms.loan.ratePpm * (day.day - loan.interestFromDay)) / PPM_DAYS);
  const amountMinor = Math.min(loan.instalmentMinor, owedMinor + interestMinor);
  if (loan.application.arrears || amountMinor <= interestMinor) {
    loan.missed += 1;
    return [];
  }
  const paid = amountMinor <= books.balanceMinor(member.index, 'TXN');
  const entry: EntryIntent = {
    key: `${day.date}/${member.externalRef}/instalment`,
    member: member.index,
    second: EVENING_SECOND,
    purpose: 'LOAN_REPAYMENT',
    legs: [
      { account: { member: member.index, kind: 'TXN' }, direction: 'CREDIT', amountMinor },
      { account: { member: member.index, kind: 'LOAN' }, direction: 'DEBIT', amountMinor: amountMinor - interestMinor },
      ...(interestMinor > 0
        ? [{ account: 'GL_INTEREST_INCOME', direction: 'DEBIT', amountMinor: interestMinor } as const]
        : []),
    ],
    narrative: 'Loan repayment',
    tags: { category: 'LOAN', channel: 'DIRECT_ENTRY' },
    expect: paid ? 'ACCEPTED' : 'InsufficientFunds',
  };
  if (paid) {
    books.post(entry);
    loan.paid += 1;
    loan.interestFromDay = day.day;
  } else loan.missed += 1;
  return [entry];
}

/** Month end: interest on savings by daily balances, with the bonus where its conditions are met, and the loan's fee. */
export function monthEnd(options: {
  savings: SavingsMonth;
  loan: LoanState | undefined;
  member: Member;
  books: Books;
  terms: ProductTerms;
  day: CalendarDay;
}): EntryIntent[] {
  const { savings, loan, member, books, terms, day } = options;
  const entries: EntryIntent[] = [];
  const common = { member: member.index, second: EVENING_SECOND + 600, expect: 'ACCEPTED' } as const;
  const { basePpm, bonusPpm, bonusMinDepositMinor, bonusMaxWithdrawals } = terms.savings;
  const bonus = savings.depositedMinor >= bonusMinDepositMinor && savings.withdrawals <= bonusMaxWithdrawals;
  const interestMinor = Math.round((savings.balanceDaysMinor * (basePpm + (bonus ? bonusPpm : 0))) / PPM_DAYS);
  if (interestMinor > 0) {
    entries.push({
      ...common,
      key: `${day.date}/${member.externalRef}/interest`,
      purpose: 'SAVINGS_INTEREST',
      legs: transfer('GL_INTEREST_EXPENSE', { member: member.index, kind: 'SAVINGS' }, interestMinor),
      narrative: bonus ? 'Interest with bonus' : 'Interest',
      tags: { category: 'INTEREST' },
    });
  }
  const feeMinor = terms.loan.monthlyFeeMinor;
  // A fee that the account cannot bear is not tried: it stays for the next month.
  if (loan && feeMinor > 0 && feeMinor <= books.balanceMinor(member.index, 'TXN')) {
    entries.push({
      ...common,
      key: `${day.date}/${member.externalRef}/loan-fee`,
      purpose: 'LOAN_FEE',
      legs: transfer({ member: member.index, kind: 'TXN' }, 'GL_FEE_INCOME', feeMinor),
      narrative: 'Monthly loan fee',
      tags: { category: 'FEES' },
    });
  }
  for (const entry of entries) books.post(entry);
  return entries;
}

/** Annuity P · i / (1 − (1 + i)^−n) a month, paid in 26 parts a year; the power by multiplication, equal on all machines. */
function instalmentOf(loan: { principalMinor: number; termMonths: number; ratePpm: number }): number {
  const monthly = loan.ratePpm / 1_000_000 / 12;
  let growth = 1;
  for (let month = 0; month < loan.termMonths; month += 1) growth *= 1 + monthly;
  const monthlyMinor =
    monthly === 0 ? loan.principalMinor / loan.termMonths : (loan.principalMinor * monthly) / (1 - 1 / growth);
  return Math.ceil((monthlyMinor * 12) / 26);
}
