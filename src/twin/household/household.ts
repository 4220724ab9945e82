import type { Archetype } from '../archetypes/archetype.ts';
import { addDays } from '../calendar/calendar.ts';
import type { TwinConfig } from '../config.ts';
import { SPEND_CATEGORIES } from '../data/spending.ts';
import { netIncomeMinor } from '../population/income-tax.ts';
import type { Member } from '../population/member.ts';
import { exponential, Stream } from '../random/stream.ts';
import { billsOf, type Bill } from './bills.ts';

/** How a member lives: habits that stay the same for the whole run. Money in minor units. */
export interface Household {
  /** Paid every 14 days. */
  payMinor: number;
  /** Day of the first pay: 2 to 13, so that two fall into 30 days. */
  payOffset: number;
  /** Payer, an employer or the (invented) benefits agency. */
  payer: string;
  bills: readonly Bill[];
  /** Chance of each of the day's five occasions to buy something, on an average day. */
  purchaseChance: number;
  /** Prices of this household's purchases against the average. */
  priceFactor: number;
  /** A usual transfer to savings. */
  savingMinor: number;
  cashChance: number;
  /** Chance to pay another member on a day. */
  paymentChance: number;
  /** Indexes of the members that this one pays. */
  contacts: readonly number[];
  /** What is spent on an average day: the measure of when money is short. */
  dailySpendMinor: number;
  opening: { txnMinor: number; savingsMinor: number; termMinor: number };
}

export const OCCASIONS_A_DAY = 5;
const CONTACTS = 4;
/** Of what comes in: put aside for savings, and held back so that accounts do not run dry. */
const SAVED_SHARE = 0.08;
const HELD_SHARE = 0.02;
/** Least share of income that goes through the card. */
const LEAST_CARD_SHARE = 0.18;
const CASH_MEDIAN_MINOR = 8_000;

/** The household of a member; a pure function of the run's seed, tenant and start. */
export function householdOf(config: TwinConfig, options: { archetype: Archetype; member: Member }): Household {
  const { archetype, member } = options;
  const stream = new Stream({
    seed: config.seed,
    tenantId: config.tenantId,
    member: member.index,
    purpose: 'household',
  });
  const payShare = member.employed ? stream.between(archetype.leastPayShare, 1) : 1;
  const payMinor = Math.round((netIncomeMinor(member.annualIncomeMinor) / 26) * payShare);
  const payOffset = payOffsetOf(config.start, stream);
  const monthlyMinor = (payMinor * 30) / 14;
  const bills = billsOf({ payMinor, payOffset, member, stream });
  const billsMinor = bills.reduce((sum, bill) => sum + bill.monthlyMinor, 0);
  const cashChance = stream.chance(0.6) ? stream.between(0.02, 0.12) : 0;
  const activity = stream.between(0.55, 1.45);
  const purchases = archetype.cardPurchasesPerDay * activity;
  const cashMinor = 30 * cashChance * CASH_MEDIAN_MINOR;
  const left = monthlyMinor * (1 - SAVED_SHARE - HELD_SHARE) - billsMinor - cashMinor;
  const cardMinor = Math.max(left, monthlyMinor * LEAST_CARD_SHARE);
  const dailySpendMinor = Math.round((cardMinor + billsMinor + cashMinor) / 30);
  return {
    payMinor,
    payOffset,
    payer: member.employer ?? (member.employed ? `${member.lastName} TRADING` : 'BENEFITS AGENCY (SYNTHETIC)'),
    bills,
    purchaseChance: purchases / OCCASIONS_A_DAY,
    priceFactor: Math.min(2.5, Math.max(0.25, cardMinor / (30 * purchases * MEAN_PRICE_MINOR))),
    savingMinor: Math.max(500, Math.round((monthlyMinor * SAVED_SHARE) / 12 / 500) * 500),
    cashChance,
    paymentChance: stream.between(0.02, 0.14),
    contacts: contactsOf(member.index, { members: config.members, stream }),
    dailySpendMinor,
    opening: {
      // Enough to live on until the first pay, and some days over.
      txnMinor: Math.max(5_000, Math.round((dailySpendMinor * (payOffset + stream.between(1, 6))) / 1_000) * 1_000),
      savingsMinor: Math.min(2_000_000, Math.max(1_000, Math.round(stream.logNormal(30_000, 0.95) / 1_000) * 1_000)),
      termMinor: stream.chance(archetype.termDepositShare) ? 500_000 + 50_000 * stream.int(0, 8) : 0,
    },
  };
}

/** The mean of a log-normal price is its median times e^(σ²/2). */
const MEAN_PRICE_MINOR = meanPriceMinor();

function meanPriceMinor(): number {
  let weights = 0;
  let sum = 0;
  for (const { weight, medianPrice, sigma } of SPEND_CATEGORIES) {
    weights += weight;
    sum += weight * medianPrice * 100 * exponential((sigma * sigma) / 2);
  }
  return sum / weights;
}

/** Cohorts by weekday: few are paid on Tuesday or Friday, most on Wednesday and Thursday. Never at a weekend. */
const WEEKDAY_WEIGHTS = [0, 0.5, 1.5, 3.5, 3.5, 1, 0] as const;

function payOffsetOf(start: string, stream: Stream): number {
  return stream.weighted(cohortsOf(start)).offset;
}

/** Those of the start asked for last: every member of a run asks for the same ones. */
let cohorts: { start: string; list: readonly { offset: number; weight: number }[] } = { start: '', list: [] };

function cohortsOf(start: string): readonly { offset: number; weight: number }[] {
  if (cohorts.start !== start) {
    const list = Array.from({ length: 12 }, (_, index) => {
      const offset = index + 2;
      const dayOfWeek = new Date(`${addDays(start, offset)}T00:00:00Z`).getUTCDay();
      return { offset, weight: WEEKDAY_WEIGHTS[dayOfWeek] ?? 0 };
    });
    cohorts = { start, list };
  }
  return cohorts.list;
}

function contactsOf(index: number, options: { members: number; stream: Stream }): number[] {
  const { members, stream } = options;
  if (members < 2) return [];
  // A step of 1 to members - 1 never leads back to the member itself.
  return Array.from({ length: CONTACTS }, () => (index + stream.int(1, members - 1)) % members);
}
