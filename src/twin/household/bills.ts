import type { DueDay } from '../calendar/calendar.ts';
import { BILLERS, type Biller } from '../data/billers.ts';
import type { ExpenditureGroup } from '../data/spending.ts';
import type { Member } from '../population/member.ts';
import type { Stream } from '../random/stream.ts';

/** A payment that returns. */
export interface Bill {
  category: string;
  group: ExpenditureGroup;
  rail: Biller['rail'];
  name: string;
  cycle: Biller['cycle'];
  /** Weekday (1 to 5), day of the cycle (0 to 13) or day of the month (1 to 28), by cycle. */
  due: number;
  /** QUARTERLY: which month of the quarter, 0 to 2. */
  phase: number;
  amountMinor: number;
  /** Cost of 30 days on average. */
  monthlyMinor: number;
}

/** Times in 30 days. */
const TIMES = { WEEKLY: 30 / 7, FORTNIGHTLY: 30 / 14, MONTHLY: 1, QUARTERLY: 1 / 3 } as const;
/** Bills beside housing take at most this share of income: who earns little subscribes to little. */
const MOST_OTHER_SHARE = 0.24;

/** Rent or mortgage by income, then the other billers as far as the income reaches. */
export function billsOf(options: { payMinor: number; payOffset: number; member: Member; stream: Stream }): Bill[] {
  const { payMinor, payOffset, stream } = options;
  const monthlyMinor = (payMinor * 30) / 14;
  const bills = housingOf(options);
  let otherMinor = 0;
  for (const biller of BILLERS) {
    // Drawn for everyone alike, so that one bill more or less does not change the others.
    const wanted = stream.chance(biller.share);
    const amountMinor = Math.round(stream.logNormal(biller.median * 100, biller.sigma) / 5) * 5;
    const name = stream.pick(biller.names);
    const due = dueOf(biller.cycle, { payOffset, stream });
    const phase = stream.int(0, 2);
    const costMinor = amountMinor * TIMES[biller.cycle];
    if (!wanted || otherMinor + costMinor > monthlyMinor * MOST_OTHER_SHARE) continue;
    otherMinor += costMinor;
    const { category, group, rail, cycle } = biller;
    bills.push({ category, group, rail, name, cycle, due, phase, amountMinor, monthlyMinor: costMinor });
  }
  return bills;
}

/** Tenure as in the 2021 census: 31 % rent, 35 % pay a mortgage (here: with another bank), 34 % own. Retired mostly own. */
function housingOf(options: { payMinor: number; payOffset: number; member: Member; stream: Stream }): Bill[] {
  const { payMinor, payOffset, member, stream } = options;
  const draw = stream.unit() + (member.status === 'RETIRED' ? 0.5 : 0);
  const share = stream.between(0.2, 0.32);
  const weekly = stream.chance(0.5);
  const rent = draw < 0.31;
  if (draw >= 0.66) return [];
  const cycle = rent ? (weekly ? 'WEEKLY' : 'FORTNIGHTLY') : 'MONTHLY';
  const monthlyMinor = (payMinor * share * 30) / 14;
  const amountMinor = Math.max(100, Math.round(monthlyMinor / TIMES[cycle] / 100) * 100);
  return [
    {
      category: rent ? 'RENT' : 'MORTGAGE',
      group: 'housing',
      rail: 'DIRECT_ENTRY',
      name: rent ? stream.pick(['BRAMBLE & BROLGA REALTY', 'KEYSTONE QUOLL RENTALS']) : 'LANTERN HOME LOANS',
      cycle,
      due: dueOf(cycle, { payOffset, stream }),
      phase: 0,
      amountMinor,
      monthlyMinor,
    },
  ];
}

function dueOf(cycle: Biller['cycle'], options: { payOffset: number; stream: Stream }): number {
  const { payOffset, stream } = options;
  switch (cycle) {
    case 'WEEKLY':
      return stream.int(1, 5);
    case 'FORTNIGHTLY':
      // The day after pay: that is when people let it be taken.
      return (payOffset + 1) % 14;
    case 'MONTHLY':
    case 'QUARTERLY':
      return stream.int(1, 28);
    default:
      return cycle satisfies never;
  }
}

/** Whether a bill falls due on a day. */
export function isDue(bill: Bill, on: DueDay): boolean {
  switch (bill.cycle) {
    case 'WEEKLY':
      return on.dayOfWeek === bill.due;
    case 'FORTNIGHTLY':
      return on.day % 14 === bill.due;
    case 'MONTHLY':
      return on.dayOfMonth === bill.due;
    case 'QUARTERLY':
      return on.dayOfMonth === bill.due && on.month % 3 === bill.phase;
    default:
      return bill.cycle satisfies never;
  }
}
