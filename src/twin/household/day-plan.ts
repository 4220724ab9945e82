import type { Archetype } from '../archetypes/archetype.ts';
import type { ProductTerms } from '../archetypes/product-terms.ts';
import type { CalendarDay } from '../calendar/calendar.ts';
import type { TwinConfig } from '../config.ts';
import type { Member } from '../population/member.ts';
import { Stream } from '../random/stream.ts';
import type { Books } from '../world/books.ts';
import type { EntryIntent } from '../world/intent.ts';
import type { LoanApplication } from '../world/lending.ts';
import { addBills } from './acts/bills.ts';
import { addCash } from './acts/cash.ts';
import { addFraud } from './acts/fraud.ts';
import { addLoanUse } from './acts/loan-use.ts';
import { addMemberPayment } from './acts/member-payment.ts';
import { addPay } from './acts/pay.ts';
import { addPurchases } from './acts/purchases.ts';
import { addSaving } from './acts/saving.ts';
import { DayLedger } from './day-ledger.ts';
import type { Household } from './household.ts';

/** What a member's day depends on; `books` stand as the day begins. */
export interface DayContext {
  config: TwinConfig;
  archetype: Archetype;
  terms: ProductTerms;
  day: CalendarDay;
  member: Member;
  household: Household;
  books: Books;
  payday: boolean;
  loan: LoanApplication | undefined;
  /** Purchases with the member's stolen card number; mostly 0. */
  fraudBurst: number;
  /** Direct debits that the evening will take; kept free during the day. */
  reservedMinor: number;
}

/** One thing that a member means to do, at a second of the day. It looks at the books only when its time comes. */
export interface Act {
  second: number;
  run: (ledger: DayLedger) => void;
}

/** Adds what one side of life brings on this day. */
export type ActSource = (context: DayContext, stream: Stream) => Act[];

const SOURCES: readonly ActSource[] = [
  addPay,
  addLoanUse,
  addBills,
  addSaving,
  addPurchases,
  addCash,
  addMemberPayment,
];

/**
 * A member's day: decided on the member's own books, which it posts to as it goes.
 * Payments to other members are decided here and come back apart: they settle in the evening, when nobody's chain is busy.
 */
export function planDay(context: DayContext): { own: EntryIntent[]; payments: EntryIntent[] } {
  const { config, day, member } = context;
  const name = { seed: config.seed, tenantId: config.tenantId, member: member.index };
  const stream = new Stream({ ...name, purpose: `day ${day.date}` });
  const acts = SOURCES.flatMap((source) => source(context, stream));
  // A stream of its own: another fraud setting leaves the honest life as it is.
  if (context.fraudBurst > 0) acts.push(...addFraud(context, new Stream({ ...name, purpose: `fraud ${day.date}` })));
  acts.sort((left, right) => left.second - right.second);
  const ledger = new DayLedger(context);
  for (const act of acts) act.run(ledger);
  return { own: ledger.own, payments: ledger.payments };
}
