import type { AccountKind } from '../archetypes/archetype.ts';
import type { EntryIntent } from '../world/intent.ts';
import { transfer } from '../world/intent.ts';
import type { DayContext } from './day-plan.ts';

type NewEntry = Pick<EntryIntent, 'second' | 'purpose' | 'legs' | 'narrative' | 'tags'> &
  Partial<Pick<EntryIntent, 'group' | 'fraud'>>;

/** The member's side of one day: numbers the entries, posts them to the books, and knows what is left to spend. */
export class DayLedger {
  readonly own: EntryIntent[] = [];
  readonly payments: EntryIntent[] = [];
  readonly #context: DayContext;
  /** Promised, but not yet taken: payments that settle in the evening, and direct debits of the evening. */
  #promisedMinor: number;

  constructor(context: DayContext) {
    this.#context = context;
    this.#promisedMinor = context.reservedMinor;
  }

  balanceMinor(kind: AccountKind): number {
    return this.#context.books.balanceMinor(this.#context.member.index, kind);
  }

  /** What the member can spend without breaking a promise. */
  availableMinor(): number {
    return this.balanceMinor('TXN') - this.#promisedMinor;
  }

  account(kind: AccountKind): { member: number; kind: AccountKind } {
    return { member: this.#context.member.index, kind };
  }

  /** Posts an entry that the ledger must accept. */
  post(entry: NewEntry): void {
    const intent = this.#intent(entry, { legs: entry.legs, expect: 'ACCEPTED' });
    this.#context.books.post(intent);
    this.own.push(intent);
  }

  /**
   * Pays out of the transaction account if it can be afforded. Beyond the balance the attempt is still made when
   * `insist` says so, and the ledger must refuse it; between promise and balance nothing is tried.
   */
  spend(entry: Omit<NewEntry, 'legs'>, options: { to: `GL_${string}`; amountMinor: number; insist: boolean }): void {
    const { to, amountMinor, insist } = options;
    const affordable = amountMinor <= this.availableMinor();
    if (!affordable && !(insist && amountMinor > this.balanceMinor('TXN'))) return;
    const legs = transfer(this.account('TXN'), to, amountMinor);
    const intent = this.#intent(entry, { legs, expect: affordable ? 'ACCEPTED' : 'InsufficientFunds' });
    if (affordable) this.#context.books.post(intent);
    this.own.push(intent);
  }

  /** Promises a payment to another member; it settles in the evening. */
  promise(entry: NewEntry, amountMinor: number): void {
    this.#promisedMinor += amountMinor;
    this.payments.push(this.#intent(entry, { legs: entry.legs, expect: 'ACCEPTED' }));
  }

  #intent(entry: Omit<NewEntry, 'legs'>, decided: Pick<EntryIntent, 'legs' | 'expect'>): EntryIntent {
    const { day, member } = this.#context;
    const number = this.own.length + this.payments.length + 1;
    const key = `${day.date}/${member.externalRef}/${number}`;
    return { ...entry, key, member: member.index, legs: decided.legs, expect: decided.expect };
  }
}
