import type { AccountRef, EntryIntent, LoanIntent } from '../world/intent.ts';
import type { World } from '../world/world.ts';
import { dollars, envelope, type Prepared, type Sender } from './envelope.ts';
import { accountPayload } from './opening.ts';

/** PostEntry for an intent of a day. */
export function posting(
  world: World,
  options: { sender: Sender; date: string; intent: EntryIntent; accountId: (account: AccountRef) => string },
): Prepared {
  const { sender, date, intent, accountId } = options;
  const payload = {
    bookingDate: date,
    valueDate: date,
    currency: world.archetype.tenant.baseCurrency,
    legs: intent.legs.map((leg) => ({
      accountId: accountId(leg.account),
      direction: leg.direction,
      amount: dollars(leg.amountMinor),
    })),
    narrative: intent.narrative,
    tags: intent.tags,
    // As in the contract's payloads, pay carries the scenario and its date.
    ...(intent.purpose === 'SALARY' && { metadata: { scenarioId: 'steady-state', syntheticDate: date } }),
  };
  return {
    envelope: envelope(sender, { type: 'PostEntry', key: intent.key, date, second: intent.second, payload }),
    expect: intent.expect,
  };
}

/** OpenAccount on the loan product: an application, which the ledger decides. */
export function application(
  world: World,
  options: { sender: Sender; date: string; intent: LoanIntent; customerId: string },
): Prepared {
  const { sender, date, intent, customerId } = options;
  const payload = {
    ...accountPayload(world, { customerId, kind: 'LOAN' }),
    loan: { principal: dollars(intent.principalMinor), termMonths: intent.termMonths },
  };
  return {
    envelope: envelope(sender, { type: 'OpenAccount', key: intent.key, date, second: intent.second, payload }),
    expect: intent.expect,
  };
}
