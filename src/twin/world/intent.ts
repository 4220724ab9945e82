import type { AccountKind } from '../archetypes/archetype.ts';
import type { ExpenditureGroup } from '../data/spending.ts';

/** Codes of the ledger's refusals that honest behaviour meets; anything else is unexpected. */
export type ExpectedRefusal = 'InsufficientFunds' | 'IncomeTooLow' | 'CreditScoreTooLow' | 'DebtToIncomeTooHigh';
export type Expectation = 'ACCEPTED' | ExpectedRefusal;

/** Why money moves: what the statistics are kept by. */
export type Purpose =
  | 'SALARY'
  | 'BENEFIT'
  | 'CARD'
  | 'BILL_DIRECT_ENTRY'
  | 'BILL_BPAY'
  | 'SAVE'
  | 'UNSAVE'
  | 'CASH_OUT'
  | 'CASH_IN'
  | 'ATM_FEE'
  | 'EXTERNAL_PAYMENT'
  | 'MEMBER_PAYMENT'
  | 'LOAN_DRAWDOWN'
  | 'LOAN_REPAYMENT'
  | 'LOAN_FEE'
  | 'SAVINGS_INTEREST';

export type GlAccount = `GL_${string}`;
/** A member's account, before its id is known, or a general-ledger account. */
export type AccountRef = GlAccount | { member: number; kind: AccountKind };

/** DEBIT raises, CREDIT lowers. */
export interface IntentLeg {
  account: AccountRef;
  direction: 'DEBIT' | 'CREDIT';
  amountMinor: number;
}

/** An entry that the twin means to post, with the answer it expects. */
export interface EntryIntent {
  /** Unique in the run: date, member and a number. Command id and idempotency key come from it. */
  key: string;
  /** Whose entry it is: decides the chain, except for payments between members. */
  member: number;
  /** Second of the local day. */
  second: number;
  purpose: Purpose;
  legs: readonly IntentLeg[];
  narrative: string;
  tags: Record<string, string>;
  expect: Expectation;
  /** Spending: its group in the expenditure survey. */
  group?: ExpenditureGroup;
  /** Ground truth, kept in the run's output only: never sent to the ledger. */
  fraud?: true;
}

/** An application for a personal loan: OpenAccount. */
export interface LoanIntent {
  key: string;
  member: number;
  second: number;
  principalMinor: number;
  termMonths: number;
  expect: Expectation;
}

/** A day, in the order in which it is posted. */
export interface DayPlan {
  day: number;
  date: string;
  /** Loan applications: first, each on its member's chain. */
  loans: readonly LoanIntent[];
  /** Entries that touch one member each, by time of day. */
  own: readonly EntryIntent[];
  /** Payments between members: one ordered sequence after all chains are done. */
  settlement: readonly EntryIntent[];
  /** Repayments, interest and fees, after the settlement; each on its member's chain. */
  endOfDay: readonly EntryIntent[];
}

/** Two legs: `from` is credited and falls, `to` is debited and rises. */
export function transfer(from: AccountRef, to: AccountRef, amountMinor: number): IntentLeg[] {
  return [
    { account: from, direction: 'CREDIT', amountMinor },
    { account: to, direction: 'DEBIT', amountMinor },
  ];
}
