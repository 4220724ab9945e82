import type { ChainEventOf } from '../contract/events.ts';
import { chainOfId, isGeneralLedger } from '../core/chain/name.ts';
import { checkMovement, type Movement } from './constraints.ts';
import { accountOf, ledgerOf, type TenantState } from './state.ts';

/** One entry's effects on one chain while they are being read. */
export interface Posting {
  entryId: string;
  valueDate: string;
  /** Whether this chain is the entry's home. */
  isHome: boolean;
  /** On the home chain: what the legs do to accounts whose balance update has not been read yet. */
  due: Map<string, number>;
  movements: Movement[];
  closes: Set<string>;
  /** Known on the entry's home chain only. */
  bookingDate: string | undefined;
  /** The command that the entry says it takes back, if it moves one member account only. */
  reverses: string | undefined;
}

interface Context {
  chain: string;
  state: TenantState;
}

/** @returns the effects, on this chain, of an entry whose home is another chain */
export function awayPosting(entryId: string, valueDate: string): Posting {
  return {
    entryId,
    valueDate,
    bookingDate: undefined,
    reverses: undefined,
    isHome: false,
    due: new Map(),
    movements: [],
    closes: new Set(),
  };
}

/** Checks a balance update against its entry, folds the account by the entry's legs and compares the sum. */
export function applyUpdate(
  posting: Posting | undefined,
  event: ChainEventOf<'AccountBalanceUpdated'>,
  { chain, state }: Context,
): void {
  const { findings } = state;
  const { entityId: accountId, payload, seq } = event;
  const { entryId, deltaMinor, valueDate, home } = payload;
  const place = { chain, seq };
  let legMinor: number | undefined;

  if (posting?.isHome) {
    legMinor = posting.due.get(accountId);
    const agrees =
      legMinor === deltaMinor && entryId === posting.entryId && valueDate === posting.valueDate && home === undefined;
    findings.check('BALANCED_ENTRIES', agrees, place, () =>
      legMinor === undefined
        ? `AccountBalanceUpdated of ${accountId} has no leg in entry ${posting.entryId}`
        : `AccountBalanceUpdated of ${accountId} is not what entry ${posting.entryId} says: ${deltaMinor} against ${legMinor}`,
    );
    posting.due.delete(accountId);
  } else if (posting) {
    const { causationId, occurredAt } = event;
    const isAway = home !== undefined && home !== chain && chainOfId(entryId) === home && !isGeneralLedger(accountId);
    if (
      findings.check(
        'BALANCED_ENTRIES',
        isAway,
        place,
        () => `AccountBalanceUpdated of ${accountId} names no entry of another chain`,
      )
    ) {
      const maturesOn = deltaMinor < 0 ? state.accounts.get(accountId)?.terms?.maturesOn : undefined;
      state.transfers.update({ entryId, accountId, deltaMinor, valueDate, causationId, occurredAt, place, maturesOn });
      legMinor = deltaMinor;
    }
    const isOurs = state.accounts.get(accountId)?.terms !== undefined;
    findings.check(
      'TENANT_ISOLATION',
      isOurs,
      place,
      () => `AccountBalanceUpdated names account ${accountId}, which is not on this chain`,
    );
  } else {
    findings.check('BALANCED_ENTRIES', false, place, () => `AccountBalanceUpdated of ${accountId} has no entry`);
  }
  if (legMinor === undefined || !posting) return;
  const balanceMinor = fold({ posting, accountId, deltaMinor: legMinor, seq, context: { chain, state } });
  findings.check(
    'DERIVED_BALANCES',
    balanceMinor === payload.balanceMinor,
    place,
    () => `AccountBalanceUpdated of ${accountId} says ${payload.balanceMinor}, the sum of its legs is ${balanceMinor}`,
  );
}

/** Checks that an account is closed by an entry that moved it; `finishPosting` checks the rest. */
export function applyClosure(
  posting: Posting | undefined,
  event: ChainEventOf<'AccountClosed'>,
  { chain, state }: Context,
): void {
  const { entityId: accountId, payload, seq } = event;
  const isMoved =
    posting?.entryId === payload.entryId &&
    posting.movements.some((movement) => movement.account.accountId === accountId);
  state.findings.check(
    'ACCOUNT_CONSTRAINTS',
    isMoved,
    { chain, seq },
    () => `AccountClosed of ${accountId} does not follow an entry that moved it`,
  );
  posting?.closes.add(accountId);
}

/** All of the posting's events on this chain have been read: reports what is missing and checks the accounts' terms. */
export function finishPosting(posting: Posting, seq: number, context: Context): void {
  const { chain, state } = context;
  for (const [accountId, deltaMinor] of posting.due) {
    state.findings.check(
      'BALANCED_ENTRIES',
      false,
      { chain, seq },
      () => `Entry ${posting.entryId} moves ${accountId}, but no AccountBalanceUpdated says so`,
    );
    fold({ posting, accountId, deltaMinor, seq, context });
  }
  for (const movement of posting.movements) checkMovement(movement, posting, state.findings);
  for (const accountId of posting.closes) accountOf(state, accountId, chain).status = 'CLOSED';
}

/** Adds a leg to its account. @returns the balance after it */
function fold(options: {
  posting: Posting;
  accountId: string;
  deltaMinor: number;
  seq: number;
  context: Context;
}): number {
  const { posting, accountId, deltaMinor, seq } = options;
  const { chain, state } = options.context;
  let balanceMinor: number;
  if (isGeneralLedger(accountId)) {
    const ledger = ledgerOf(state, chain);
    balanceMinor = (ledger.get(accountId) ?? 0) + deltaMinor;
    ledger.set(accountId, balanceMinor);
  } else {
    const account = accountOf(state, accountId, chain);
    account.balanceMinor += deltaMinor;
    balanceMinor = account.balanceMinor;
    posting.movements.push({ account, deltaMinor, balanceMinor, chain, seq });
    state.statistics.moved({ productType: account.terms?.productType, valueDate: posting.valueDate, deltaMinor });
  }
  state.findings.check(
    'ACCOUNT_CONSTRAINTS',
    Number.isSafeInteger(balanceMinor),
    { chain, seq },
    () => `The balance of ${accountId} leaves the range of exact integers`,
  );
  return balanceMinor;
}
