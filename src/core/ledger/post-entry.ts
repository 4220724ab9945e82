import type { EventLeg } from '../../contract/events.ts';
import type { Account } from '../account/account.ts';
import { chainOfId, isGeneralLedger } from '../chain/name.ts';
import type { CommandOfType } from '../command.ts';
import { type Decision, type NewEvent, type Refused, refuse } from '../decision.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { entryIdOf } from './entry-id.ts';

/** What a decision on an entry reads. Each member account is on the chain its id carries; GL accounts are on the home chain. */
export interface PostEntryContext {
  tenant: Tenant;
  /** Chain on which the entry stands: that of the first member leg, or any for an entry between GL accounts. */
  home: string;
  nextSeq: (chain: string) => number;
  account: (chain: string, accountId: string) => Account | undefined;
  /** The chain's share of a GL account's balance. */
  ledgerBalanceMinor: (chain: string, accountId: string) => number;
}

/** An account with what the entry does to it, all its legs taken together. */
interface Movement {
  accountId: string;
  chain: string;
  deltaMinor: number;
  balanceMinor: number;
  /** Whether every sum on the way was within the range of exact integers. */
  exact: boolean;
  /** Absent for GL accounts, which have no terms. */
  account: Account | undefined;
}

/** The chains that an entry touches, home first. @returns undefined when no member account is among the legs */
export function chainsOfEntry(legs: readonly { accountId: string }[]): string[] | undefined {
  const chains = new Set<string>();
  for (const leg of legs) {
    const chain = isGeneralLedger(leg.accountId) ? undefined : chainOfId(leg.accountId);
    if (chain !== undefined) chains.add(chain);
  }
  return chains.size > 0 ? [...chains] : undefined;
}

export function decidePostEntry(command: CommandOfType<'PostEntry'>, context: PostEntryContext): Decision {
  const { entry } = command.payload;
  if (entry.currency !== context.tenant.baseCurrency) {
    return refuse('CurrencyMismatch', { currency: entry.currency, baseCurrency: context.tenant.baseCurrency });
  }
  const debitsMinor = totalOf(entry.legs, 'DEBIT');
  const creditsMinor = totalOf(entry.legs, 'CREDIT');
  if (debitsMinor !== creditsMinor) {
    // Both are exact here: beyond the range of a number they are given as text.
    return refuse('EntryUnbalanced', { debitsMinor: plain(debitsMinor), creditsMinor: plain(creditsMinor) });
  }
  if (entry.valueDate < entry.bookingDate) {
    return refuse('ValueDateBeforeBooking', { valueDate: entry.valueDate, bookingDate: entry.bookingDate });
  }
  const movements = movementsOf(entry.legs, context);
  if ('outcome' in movements) return movements;
  const fault = faultOfMovements(movements, command);
  if (fault) return fault;
  return { outcome: 'accepted', ...eventsOf(movements, command, context) };
}

/** @returns the exact sum: a number where one can hold it, so that two sums are equal only if their types are */
function totalOf(legs: readonly EventLeg[], direction: EventLeg['direction']): number | bigint {
  let total = 0;
  for (const leg of legs) if (leg.direction === direction) total += leg.amountMinor;
  // Amounts are positive: a sum that ends within the range of exact integers never left it.
  if (Number.isSafeInteger(total)) return total;
  let exact = 0n;
  for (const leg of legs) if (leg.direction === direction) exact += BigInt(leg.amountMinor);
  return exact;
}

function plain(value: number | bigint): number | string {
  return typeof value === 'number' ? value : String(value);
}

function movementsOf(legs: readonly EventLeg[], context: PostEntryContext): Movement[] | Refused {
  const movements = new Map<string, Movement>();
  for (const leg of legs) {
    const deltaMinor = leg.direction === 'DEBIT' ? leg.amountMinor : -leg.amountMinor;
    let movement = movements.get(leg.accountId);
    if (!movement) {
      const ledger = isGeneralLedger(leg.accountId);
      const chain = ledger ? context.home : chainOfId(leg.accountId);
      const account = ledger || chain === undefined ? undefined : context.account(chain, leg.accountId);
      if (chain === undefined || (!ledger && !account)) return refuse('AccountUnknown', { accountId: leg.accountId });
      const balanceMinor = account ? account.balanceMinor : context.ledgerBalanceMinor(chain, leg.accountId);
      movement = { accountId: leg.accountId, chain, deltaMinor: 0, balanceMinor, exact: true, account };
      movements.set(leg.accountId, movement);
    }
    movement.deltaMinor += deltaMinor;
    movement.balanceMinor += deltaMinor;
    movement.exact &&= Number.isSafeInteger(movement.deltaMinor) && Number.isSafeInteger(movement.balanceMinor);
  }
  return [...movements.values()];
}

/** Checks rule by rule, each over all accounts, so that the order of the list of refusals holds whatever the order of the legs. */
function faultOfMovements(movements: readonly Movement[], command: CommandOfType<'PostEntry'>): Refused | undefined {
  const { entry, closes } = command.payload;
  const closing = new Set(closes);
  const members = movements.filter(
    (movement): movement is Movement & { account: Account } => movement.account !== undefined,
  );

  const closed = members.find((movement) => movement.account.status === 'CLOSED');
  if (closed) return refuse('AccountClosed', { accountId: closed.accountId });

  // By booking date: the money moves when it is booked, whatever value date the entry bears.
  const unmatured = members.find(
    ({ account, deltaMinor }) =>
      deltaMinor < 0 && account.maturesOn !== undefined && entry.bookingDate < account.maturesOn,
  );
  const reversal = unmatured !== undefined && members.length === 1 && reversesOpening(unmatured, entry.metadata);
  if (unmatured && !reversal) {
    return refuse('TermNotMatured', {
      accountId: unmatured.accountId,
      maturesOn: unmatured.account.maturesOn ?? null,
    });
  }
  for (const { accountId, account, deltaMinor, balanceMinor } of members) {
    const leaving = closing.has(accountId) || reversal;
    if (deltaMinor < 0 && balanceMinor < account.floorMinor && !(leaving && balanceMinor >= 0)) {
      const { floorMinor } = account;
      return refuse('InsufficientFunds', {
        accountId,
        balanceMinor: account.balanceMinor,
        floorMinor,
        amountMinor: -deltaMinor,
      });
    }
  }
  for (const { accountId, account, deltaMinor, balanceMinor } of members) {
    if (deltaMinor > 0 && account.ceilingMinor !== null && balanceMinor > account.ceilingMinor) {
      const { ceilingMinor } = account;
      return refuse('MaximumBalanceExceeded', {
        accountId,
        balanceMinor: account.balanceMinor,
        ceilingMinor,
        amountMinor: deltaMinor,
      });
    }
  }
  const outOfRange = movements.find((movement) => !movement.exact);
  if (outOfRange) return refuse('BalanceOutOfRange', { accountId: outOfRange.accountId });

  for (const accountId of closing) {
    const movement = members.find((candidate) => candidate.accountId === accountId);
    if (!movement || movement.balanceMinor !== 0) {
      return refuse('ClosingBalanceNotZero', { accountId, balanceMinor: movement?.balanceMinor ?? null });
    }
  }
  return undefined;
}

/** The opening of a term deposit can be taken back: whole, into the general ledger, naming the command that opened it. */
function reversesOpening(
  movement: Movement & { account: Account },
  metadata: Record<string, unknown> | undefined,
): boolean {
  return movement.balanceMinor === 0 && metadata?.['reverses'] === movement.account.openedBy;
}

function eventsOf(movements: readonly Movement[], command: CommandOfType<'PostEntry'>, context: PostEntryContext) {
  const { home } = context;
  const { entry, closes } = command.payload;
  const entryId = entryIdOf({ chain: home, seq: context.nextSeq(home), key: command.key });
  const events: NewEvent[] = [{ chain: home, type: 'EntryPosted', entityId: entryId, payload: entry }];
  for (const { accountId, chain, deltaMinor, balanceMinor } of movements) {
    events.push({
      chain,
      type: 'AccountBalanceUpdated',
      entityId: accountId,
      payload: {
        entryId,
        home: chain === home ? undefined : home,
        valueDate: entry.valueDate,
        deltaMinor,
        balanceMinor,
      },
    });
    if (closes.includes(accountId))
      events.push({ chain, type: 'AccountClosed', entityId: accountId, payload: { entryId } });
  }
  return { entityId: entryId, events };
}
