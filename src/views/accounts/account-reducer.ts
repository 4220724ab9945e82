import type { ChainEvent } from '../../contract/events.ts';
import { chainOfId, isGeneralLedger } from '../../core/chain/name.ts';
import { statementPageKey } from '../keys.ts';
import type { ChainRows } from '../projection/chain-rows.ts';
import type { Reducer } from '../reducer.ts';
import { AccountState } from './account-state.ts';
import { pageCount } from './statement.ts';

/** The accounts of members, with their statements. */
export const accountReducer: Reducer = {
  want: (rows, event, commitFirstSeq) => forAccounts(want, { rows, event, commitFirstSeq }),
  apply: (rows, event, commitFirstSeq) => forAccounts(take, { rows, event, commitFirstSeq }),
};

interface Occasion {
  rows: ChainRows;
  event: ChainEvent;
  commitFirstSeq: number;
}

/** Visits each account, of any chain, among whose events this one is; one with several legs in an entry several times. */
function forAccounts(visit: (accountId: string, occasion: Occasion) => void, occasion: Occasion): void {
  const { event } = occasion;
  switch (event.type) {
    case 'AccountOpened':
    case 'LoanFacilityCreated':
    case 'AccountBalanceUpdated':
    case 'AccountClosed':
      return visit(event.entityId, occasion);
    case 'FundsPosted':
    case 'EntryPosted':
      for (const { accountId } of event.payload.legs) visit(accountId, occasion);
      return;
    case 'TenantCreated':
    case 'ProductCreated':
    case 'ProductUpdated':
    case 'CustomerCreated':
    case 'CommandRefused':
      return;
    default:
      event satisfies never;
  }
}

/** Accounts of other chains have their own events there; GL accounts stand in the ledger. */
function want(accountId: string, { rows, event }: Occasion): void {
  const { accounts, ref } = rows;
  if (isGeneralLedger(accountId) || accounts.knows(accountId)) return;
  if (chainOfId(accountId) !== ref.chain) return;
  if (event.type === 'AccountOpened') accounts.begin(accountId);
  else accounts.want(accountId);
}

function take(accountId: string, { rows, event, commitFirstSeq }: Occasion): void {
  const { accounts, ref } = rows;
  let account = accounts.peek(accountId);
  // An account with several legs takes their entry once, and none that its row holds already.
  if (account && account.row.seq >= event.seq) return;
  if (event.type === 'AccountOpened') {
    if (!accounts.knows(accountId)) return;
    account = AccountState.opened(event);
  }
  // What moves without having been opened has no row: the monitor reports its breach.
  if (!account) return;
  const page = account.take(event, commitFirstSeq);
  accounts.put(accountId, account);
  if (!page) return;
  const number = pageCount(account.row.eventCount) - 1;
  rows.seal(statementPageKey({ tenantId: ref.tenantId, accountId, page: number }), page);
}
