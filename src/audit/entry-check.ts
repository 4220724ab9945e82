import type { ChainEventOf } from '../contract/events.ts';
import { chainOfId, isGeneralLedger } from '../core/chain/name.ts';
import { changesOf, isBalanced } from './legs.ts';
import type { Posting } from './posting.ts';
import type { TenantState } from './state.ts';

const GENERAL_LEDGER = /^GL_[A-Za-z0-9_-]{1,61}$/;
const OPENING_DEPOSITS = 'GL_OPENING_DEPOSITS';

type EntryEvent = ChainEventOf<'EntryPosted'> | ChainEventOf<'FundsPosted'>;

/**
 * Checks an entry by itself, and says which balance updates are due for it: those on its own chain must follow at once,
 * those on other chains are looked for there.
 */
export function checkEntry(options: { event: EntryEvent; key: string; chain: string; state: TenantState }): Posting {
  const { event, key, chain, state } = options;
  const { findings } = state;
  const { entityId: entryId, payload, seq } = event;
  const place = { chain, seq };
  const isEntry = event.type === 'EntryPosted';

  findings.check(
    'BALANCED_ENTRIES',
    isBalanced(payload.legs),
    place,
    () => `Entry ${entryId}: debits and credits differ`,
  );
  findings.check(
    'BALANCED_ENTRIES',
    payload.legs.length > 1 && payload.legs.every((leg) => leg.amountMinor > 0),
    place,
    () => `Entry ${entryId} needs two legs or more, each above 0`,
  );
  findings.check(
    'BALANCED_ENTRIES',
    payload.currency === state.tenant?.baseCurrency,
    place,
    () => `Entry ${entryId} is in ${payload.currency}, not in the currency of the tenant`,
  );
  findings.check(
    'ACCOUNT_CONSTRAINTS',
    payload.valueDate >= payload.bookingDate,
    place,
    () => `Entry ${entryId} takes effect before it is booked`,
  );
  const expectedId = `ent_${chain}_${seq}_${key.slice(0, 12)}`;
  findings.check(
    'TENANT_ISOLATION',
    entryId === expectedId,
    place,
    () => `Entry ${entryId} should be ${expectedId} where it stands`,
  );

  const due = new Map<string, number>();
  const members: string[] = [];
  for (const [accountId, deltaMinor] of changesOf(payload.legs)) {
    if (isGeneralLedger(accountId)) {
      findings.check(
        'TENANT_ISOLATION',
        GENERAL_LEDGER.test(accountId),
        place,
        () => `Entry ${entryId} names ${accountId}, which is no general-ledger account`,
      );
      due.set(accountId, deltaMinor);
      continue;
    }
    members.push(accountId);
    const accountChain = chainOfId(accountId);
    const isHere = accountChain === chain || accountChain === undefined || !state.memberChains.has(accountChain);
    const isOurs =
      accountChain !== undefined &&
      state.memberChains.has(accountChain) &&
      (!isHere || state.accounts.get(accountId)?.terms !== undefined);
    findings.check(
      'TENANT_ISOLATION',
      isOurs,
      place,
      () => `Entry ${entryId} names account ${accountId}, which this tenant does not have`,
    );
    if (isHere) due.set(accountId, deltaMinor);
    else {
      const { valueDate, bookingDate } = payload;
      state.transfers.leg({
        entryId,
        accountId,
        deltaMinor,
        valueDate,
        bookingDate,
        causationId: event.causationId,
        occurredAt: event.occurredAt,
        place,
      });
    }
  }
  const [first] = members;
  findings.check(
    'TENANT_ISOLATION',
    first === undefined || chainOfId(first) === chain || !isEntry,
    place,
    () => `Entry ${entryId} does not stand on the chain of its first member account`,
  );
  if (event.type === 'FundsPosted') {
    const isOpening =
      members.length === 1 && event.payload.accountId === first && due.size === 2 && due.has(OPENING_DEPOSITS);
    findings.check(
      'BALANCED_ENTRIES',
      isOpening,
      place,
      () => `Opening deposit ${entryId} is not from ${OPENING_DEPOSITS} into its account`,
    );
  }
  const reverses = event.type === 'EntryPosted' ? event.payload.metadata?.['reverses'] : undefined;
  return {
    entryId,
    valueDate: payload.valueDate,
    due,
    bookingDate: payload.bookingDate,
    reverses: typeof reverses === 'string' && members.length === 1 ? reverses : undefined,
    movements: [],
    closes: new Set(),
    isHome: true,
  };
}
