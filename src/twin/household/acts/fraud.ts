import { SPEND_CATEGORIES } from '../../data/spending.ts';
import type { Stream } from '../../random/stream.ts';
import type { Act, DayContext } from '../day-plan.ts';
import { purchase } from './purchases.ts';

// Sold by honest merchants to honest members too: neither category nor merchant gives a fraud away.
const TARGETS = SPEND_CATEGORIES.filter((category) =>
  ['DIGITAL', 'EVENTS', 'CLOTHING', 'GIFTS_AND_OTHER', 'FURNITURE', 'TRAVEL'].includes(category.category),
);

/**
 * Card-not-present fraud: a small test, then larger purchases within minutes. Pace, hour and amounts vary.
 * The ledger gets no label.
 */
export function addFraud(context: DayContext, stream: Stream): Act[] {
  const size = context.fraudBurst;
  // At night as often as among the day's own purchases.
  let second = stream.chance(0.5) ? stream.int(3 * 3600 + 600, 4 * 3600) : stream.int(8 * 3600, 20 * 3600);
  const acts: Act[] = [];
  for (let index = 0; index < size; index += 1) {
    const test = index === 0 && size > 1 && stream.chance(0.7);
    const amountMinor = Math.round(test ? stream.between(100, 900) : Math.min(90_000, stream.logNormal(14_000, 0.7)));
    const category = stream.pick(TARGETS);
    acts.push(purchase(context, { second, category, stream, amountMinor, insist: true, online: true, fraud: true }));
    second += stream.int(20, 700);
  }
  return acts;
}
