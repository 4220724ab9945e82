import type { ChainEvent } from '../../contract/events.ts';
import { chainOfId } from '../../core/chain/name.ts';
import { accountKey, statementPageKey } from '../keys.ts';
import type { WorkingRows } from '../projection/working-rows.ts';
import type { Place, Reducer } from '../reducer.ts';
import type { AccountRow } from './account-row.ts';
import {
  STATEMENT_PAGE_REFERENCES,
  type StatementReference,
  daysBetween,
  newestOf,
  pageCount,
  sumOf,
} from './statement.ts';

/** The accounts of members, with their statements. */
export const accountReducer: Reducer = {
  keys(event, place) {
    return accountsOf(event, place).map((accountId) => accountKey(place.tenantId, accountId));
  },

  apply(rows, event, place) {
    for (const accountId of accountsOf(event, place)) {
      const row = rows.get(accountKey(place.tenantId, accountId));
      if (row && row.seq >= event.seq) continue;
      const next = evolve(row, event);
      if (next) rows.put(accountKey(place.tenantId, accountId), withReference({ rows, row: next, event, place }));
    }
  },
};

/** @returns the member accounts of this chain among whose events this one is */
function accountsOf(event: ChainEvent, place: Place): string[] {
  switch (event.type) {
    case 'AccountOpened':
    case 'LoanFacilityCreated':
    case 'AccountBalanceUpdated':
    case 'AccountClosed':
      return ofChain([event.entityId], place.chain);
    case 'FundsPosted':
    case 'EntryPosted':
      return ofChain(
        event.payload.legs.map((leg) => leg.accountId),
        place.chain,
      );
    case 'TenantCreated':
    case 'ProductCreated':
    case 'ProductUpdated':
    case 'CustomerCreated':
    case 'CommandRefused':
      return [];
    default:
      return event satisfies never;
  }
}

/** Accounts of other chains have their own events there; GL accounts stand in the ledger. */
function ofChain(accountIds: readonly string[], chain: string): string[] {
  return [...new Set(accountIds.filter((accountId) => chainOfId(accountId) === chain))];
}

/** @returns the account after the event; undefined for one that was never opened, whose breach the monitor reports */
function evolve(row: AccountRow | undefined, event: ChainEvent): AccountRow | undefined {
  if (event.type === 'AccountOpened') {
    return {
      ...event.payload,
      accountId: event.entityId,
      seq: 0,
      status: 'ACTIVE',
      openedAt: event.occurredAt,
      balanceMinor: 0,
      eventCount: 0,
      tail: [],
      newestBeforeTail: null,
      disorderDays: 0,
    };
  }
  if (!row) return undefined;
  switch (event.type) {
    case 'LoanFacilityCreated': {
      const { principalMinor, termMonths, rate } = event.payload;
      return { ...row, loan: { principalMinor, termMonths, rate } };
    }
    case 'AccountBalanceUpdated': {
      // What the journal says stands, even where it is not the sum: the monitor reports that.
      const newest = newestOf(row.tail, row.newestBeforeTail);
      const { valueDate, balanceMinor } = event.payload;
      const behindDays = newest !== null && valueDate < newest ? daysBetween(valueDate, newest) : 0;
      return { ...row, balanceMinor, disorderDays: Math.max(row.disorderDays, behindDays) };
    }
    case 'AccountClosed':
      return { ...row, status: 'CLOSED' };
    default:
      return { ...row };
  }
}

function withReference(options: { rows: WorkingRows; row: AccountRow; event: ChainEvent; place: Place }): AccountRow {
  const { rows, row, event, place } = options;
  const moves = event.type === 'AccountBalanceUpdated';
  const reference: StatementReference = [
    place.commitFirstSeq,
    event.seq,
    moves ? event.payload.valueDate : null,
    moves ? event.payload.deltaMinor : null,
  ];
  const tail = [...row.tail, reference];
  const next: AccountRow = { ...row, seq: event.seq, eventCount: row.eventCount + 1, tail };
  if (tail.length < STATEMENT_PAGE_REFERENCES) return next;

  const newestThrough = newestOf(tail, row.newestBeforeTail);
  rows.seal(
    statementPageKey({ tenantId: place.tenantId, accountId: row.accountId, page: pageCount(next.eventCount) - 1 }),
    {
      references: tail,
      openingMinor: row.balanceMinor - sumOf(tail),
      newestBefore: row.newestBeforeTail,
      newestThrough,
    },
  );
  return { ...next, tail: [], newestBeforeTail: newestThrough };
}
