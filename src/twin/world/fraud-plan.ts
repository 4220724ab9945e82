import type { Archetype } from '../archetypes/archetype.ts';
import type { TwinConfig } from '../config.ts';
import { Stream } from '../random/stream.ts';

/** Purchases with a stolen card number, by day and member. */
export type FraudPlan = ReadonlyMap<number, ReadonlyMap<number, number>>;

const LEAST_BURST = 1;
const MOST_BURST = 4;
/** Draws that hit a member and day already taken are thrown away; this ends a draw that cannot succeed. */
const DRAWS_PER_PURCHASE = 20;

/**
 * Whose card is misused, on which day, for how many purchases: as many attempts in all as the setting `fraudRate` says of
 * the run's expected card purchases.
 */
export function fraudPlan(config: TwinConfig, archetype: Archetype): FraudPlan {
  const wanted = Math.round(config.fraudRate * archetype.cardPurchasesPerDay * config.members * config.days);
  const stream = new Stream({ seed: config.seed, tenantId: config.tenantId, member: -1, purpose: 'fraud' });
  const plan = new Map<number, Map<number, number>>();
  let planned = 0;
  for (let draw = 0; planned < wanted && draw < wanted * DRAWS_PER_PURCHASE; draw += 1) {
    const day = stream.int(0, config.days - 1);
    const member = stream.int(0, config.members - 1);
    const burst = Math.min(stream.int(LEAST_BURST, MOST_BURST), wanted - planned);
    const members = plan.get(day) ?? new Map<number, number>();
    if (members.has(member)) continue;
    plan.set(day, members.set(member, burst));
    planned += burst;
  }
  return plan;
}
