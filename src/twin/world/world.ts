import type { Archetype } from '../archetypes/archetype.ts';
import { archetypeOf } from '../archetypes/index.ts';
import { productTerms, type ProductTerms } from '../archetypes/product-terms.ts';
import { calendar, paydays, type CalendarDay } from '../calendar/calendar.ts';
import type { TwinConfig } from '../config.ts';
import { planDay } from '../household/day-plan.ts';
import { householdOf, type Household } from '../household/household.ts';
import { memberOf, type Member } from '../population/member.ts';
import { Books } from './books.ts';
import {
  instalment,
  isInstalmentDue,
  monthEnd,
  newLoan,
  newSavingsMonth,
  type LoanState,
  type SavingsMonth,
} from './end-of-day.ts';
import { fraudPlan, type FraudPlan } from './fraud-plan.ts';
import type { DayPlan, EntryIntent, LoanIntent } from './intent.ts';
import { lendingPlan, type LoanApplication } from './lending.ts';
import { Tally } from './tally.ts';

/** Decided overnight, before anything else of the day. */
const LOAN_SECOND = 3 * 3600;
const SETTLEMENT_SECOND = 22 * 3600;
/** Settled within the hour after 22:00, one a second; the order counts, not the time. */
const SETTLEMENT_SECONDS = 3_600;
/** Members whose day is lived at a time: some milliseconds. */
const MEMBERS_AT_ONCE = 100;

/**
 * The whole synthetic credit union as the twin reckons it, day by day: no clock, no network. Anyone with the same
 * settings gets the same world, so an activity can rebuild it wherever it runs.
 */
export class World {
  readonly config: TwinConfig;
  readonly archetype: Archetype;
  readonly terms: ProductTerms;
  readonly calendar: readonly CalendarDay[];
  readonly members: readonly Member[];
  readonly households: readonly Household[];
  readonly books: Books;
  readonly tally = new Tally();
  /** The day that `advance` lives next. */
  nextDay = 0;
  readonly #applications: ReadonlyMap<number, LoanApplication>;
  readonly #fraud: FraudPlan;
  readonly #loans = new Map<number, LoanState>();
  readonly #savings: SavingsMonth[];
  readonly #paydays = new Map<number, ReadonlySet<number>>();

  constructor(config: TwinConfig) {
    this.config = config;
    this.archetype = archetypeOf(config.tenantId);
    this.terms = productTerms(this.archetype);
    this.calendar = calendar(config);
    this.members = Array.from({ length: config.members }, (_, index) => memberOf(config, index));
    this.households = this.members.map((member) => householdOf(config, { archetype: this.archetype, member }));
    this.books = new Books(config.members);
    this.#applications = lendingPlan(config, {
      archetype: this.archetype,
      terms: this.terms,
      members: this.members,
      days: this.calendar,
    });
    this.#fraud = fraudPlan(config, this.archetype);
    this.#savings = this.members.map(newSavingsMonth);
    this.#open();
  }

  /** Lives the next day and returns what is to be posted, in order. */
  advance(): DayPlan {
    return ended(this.advancing());
  }

  /** As `advance`, a part of the way at a time; until it has come to its end the world is between two days. */
  *advancing(): Generator<void, DayPlan> {
    const day = this.calendar[this.nextDay];
    if (!day) throw new RangeError(`Cannot live day ${this.nextDay}: the run has ${this.calendar.length} days`);
    this.nextDay += 1;
    const own: EntryIntent[] = [];
    const payments: EntryIntent[] = [];
    for (const [index, member] of this.members.entries()) {
      if (index % MEMBERS_AT_ONCE === MEMBERS_AT_ONCE - 1) yield;
      const plan = this.#liveDay(member, day);
      for (const entry of plan.own) own.push(entry);
      for (const payment of plan.payments) payments.push(payment);
    }
    const settlement = payments.map((payment, index) => ({
      ...payment,
      second: SETTLEMENT_SECOND + Math.min(index, SETTLEMENT_SECONDS - 1),
    }));
    for (const payment of settlement) this.books.post(payment);
    const endOfDay = this.#endDay(day);
    const plan: DayPlan = {
      day: day.day,
      date: day.date,
      loans: this.#loansOf(day),
      own: byTime(own),
      settlement,
      endOfDay,
    };
    this.#count(plan);
    return plan;
  }

  isPayday(member: number, day: number): boolean {
    const offset = this.households[member]?.payOffset ?? 0;
    let days = this.#paydays.get(offset);
    if (!days) {
      days = paydays({ start: this.config.start, days: this.config.days, offset });
      this.#paydays.set(offset, days);
    }
    return days.has(day);
  }

  /** Loans drawn so far, with how they are repaid. */
  loans(): Iterable<LoanState> {
    return this.#loans.values();
  }

  /** Accounts that members hold by now: those opened at the start and the loans granted. */
  accountCount(): number {
    const terms = this.households.filter((household) => household.opening.termMinor > 0).length;
    return 2 * this.members.length + terms + this.tally.loans.approved;
  }

  #open(): void {
    this.households.forEach(({ opening }, member) => {
      const deposits = { TXN: opening.txnMinor, SAVINGS: opening.savingsMinor, TERM: opening.termMinor };
      for (const kind of ['TXN', 'SAVINGS', 'TERM'] as const) {
        const amountMinor = deposits[kind];
        if (amountMinor === 0) continue;
        this.books.open(member, kind, amountMinor);
        this.tally.deposit(amountMinor);
      }
    });
  }

  #liveDay(member: Member, day: CalendarDay): { own: EntryIntent[]; payments: EntryIntent[] } {
    const { config, archetype, terms, books } = this;
    const household = this.#householdOf(member.index);
    const payday = this.isPayday(member.index, day.day);
    const loan = this.#loans.get(member.index);
    const reservedMinor =
      loan && !loan.application.arrears && isInstalmentDue(loan, { day: day.day, payday }) ? loan.instalmentMinor : 0;
    const application = this.#applications.get(member.index);
    const plan = planDay({
      config,
      archetype,
      terms,
      day,
      member,
      household,
      books,
      payday,
      loan: application,
      fraudBurst: this.#fraud.get(day.day)?.get(member.index) ?? 0,
      reservedMinor,
    });
    const savings = this.#savings[member.index];
    for (const entry of plan.own) {
      if (entry.purpose === 'SAVE' && savings) savings.depositedMinor += entry.legs[0]?.amountMinor ?? 0;
      if (entry.purpose === 'UNSAVE' && savings) savings.withdrawals += 1;
      if (entry.purpose === 'LOAN_DRAWDOWN' && application) this.#loans.set(member.index, newLoan(application, terms));
    }
    return plan;
  }

  #endDay(day: CalendarDay): EntryIntent[] {
    const { books, terms } = this;
    const entries: EntryIntent[] = [];
    for (const member of this.members) {
      const loan = this.#loans.get(member.index);
      if (loan && isInstalmentDue(loan, { day: day.day, payday: this.isPayday(member.index, day.day) })) {
        entries.push(...instalment({ loan, member, books, terms, day }));
      }
    }
    for (const [index, savings] of this.#savings.entries())
      savings.balanceDaysMinor += books.balanceMinor(index, 'SAVINGS');
    if (day.monthEnd) entries.push(...this.#endMonth(day));
    return entries;
  }

  #endMonth(day: CalendarDay): EntryIntent[] {
    const { books, terms } = this;
    return this.members.flatMap((member) => {
      const savings = this.#savings[member.index] ?? newSavingsMonth();
      this.#savings[member.index] = newSavingsMonth();
      return monthEnd({ savings, loan: this.#loans.get(member.index), member, books, terms, day });
    });
  }

  #loansOf(day: CalendarDay): LoanIntent[] {
    const today = [...this.#applications.values()].filter((application) => application.day === day.day);
    return today
      .toSorted((left, right) => left.member - right.member)
      .map(({ member, principalMinor, termMonths, expect }) => {
        const key = `${day.date}/${this.members[member]?.externalRef ?? ''}/loan`;
        return { key, member, second: LOAN_SECOND, principalMinor, termMonths, expect };
      });
  }

  #count(plan: DayPlan): void {
    for (const loan of plan.loans) this.tally.loan(loan);
    for (const list of [plan.own, plan.settlement, plan.endOfDay]) {
      for (const intent of list) this.tally.entry(intent);
    }
    this.tally.days.push({
      date: plan.date,
      ...Tally.figuresOf(plan),
      transactionMinor: this.books.totalMinor('TXN'),
      savingsMinor: this.books.totalMinor('SAVINGS'),
      termMinor: this.books.totalMinor('TERM'),
      loansMinor: -this.books.totalMinor('LOAN'),
    });
  }

  #householdOf(member: number): Household {
    const household = this.households[member];
    if (!household) throw new RangeError(`Cannot find household ${member}: the run has ${this.households.length}`);
    return household;
  }
}

/** Room for an index beside a second of the day in an exact number: 86,400 × 2^32 < 2^53. */
const INDEX_ROOM = 2 ** 32;

/**
 * Entries by second of the day, equal seconds as given. Sorted as numbers, second and index in one: several times faster
 * than comparing entries, and a day of a large run has a hundred thousand.
 */
function byTime(entries: readonly EntryIntent[]): EntryIntent[] {
  const order = new Float64Array(entries.length);
  entries.forEach((entry, index) => (order[index] = entry.second * INDEX_ROOM + index));
  order.sort();
  const sorted: EntryIntent[] = [];
  for (const place of order) {
    const entry = entries[place % INDEX_ROOM];
    if (entry) sorted.push(entry);
  }
  return sorted;
}

/** Goes through to the end. @returns what comes of it */
export function ended<Result>(steps: Generator<unknown, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Lives all days of a run that are not lived yet. */
export function liveThrough(world: World): World {
  while (world.nextDay < world.calendar.length) world.advance();
  return world;
}
