import { SPEND_CATEGORIES, type SpendCategory } from '../../data/spending.ts';
import type { Stream } from '../../random/stream.ts';
import type { Act, DayContext } from '../day-plan.ts';
import { OCCASIONS_A_DAY } from '../household.ts';

/** Sunday to Saturday; the mean is 1. */
const WEEKDAY_FACTORS = [0.92, 0.88, 0.92, 0.97, 1.04, 1.14, 1.13] as const;
const HOLIDAY_FACTOR = 0.85;
/** Who sees that the balance does not reach buys something else, mostly; this share tries all the same. */
const INSISTING_SHARE = 0.2;
const LEAST_PRICE_MINOR = 150;

/** Zero to five card purchases: five occasions, each taken with the chance of member and weekday. */
export function addPurchases(context: DayContext, stream: Stream): Act[] {
  const { day, household } = context;
  const weekday = WEEKDAY_FACTORS[day.dayOfWeek] ?? 1;
  const chance = Math.min(0.95, household.purchaseChance * weekday * (day.holiday ? HOLIDAY_FACTOR : 1));
  const acts: Act[] = [];
  for (let occasion = 0; occasion < OCCASIONS_A_DAY; occasion += 1) {
    if (!stream.chance(chance)) continue;
    // The mean of two draws: most around the middle of the day, 07:00 to 21:45.
    const second = Math.floor((stream.between(7, 21.75) + stream.between(7, 21.75)) * 1800);
    const category = stream.weighted(SPEND_CATEGORIES);
    const price = stream.logNormal(category.medianPrice * 100, category.sigma) * household.priceFactor;
    const insist = stream.chance(INSISTING_SHARE);
    acts.push(
      purchase(context, {
        second,
        category,
        stream,
        amountMinor: Math.max(LEAST_PRICE_MINOR, Math.round(price)),
        insist,
      }),
    );
  }
  return acts;
}

/** One card purchase at an invented merchant of the category. */
export function purchase(
  context: DayContext,
  options: {
    second: number;
    category: SpendCategory;
    stream: Stream;
    amountMinor: number;
    insist: boolean;
    online?: boolean;
    fraud?: true;
  },
): Act {
  const { second, category, stream, amountMinor, insist, fraud } = options;
  const merchant = stream.pick(category.merchants);
  const online = stream.chance(category.online) || options.online === true;
  return {
    second,
    run: (ledger) =>
      ledger.spend(
        {
          second,
          purpose: 'CARD',
          narrative: online ? merchant : `${merchant} ${context.member.place.suburb.toUpperCase()}`,
          tags: { category: category.category, channel: online ? 'ONLINE' : 'POS', merchantMcc: category.mcc },
          group: category.group,
          ...(fraud && { fraud }),
        },
        { to: 'GL_CARD_CLEARING', amountMinor, insist },
      ),
  };
}
