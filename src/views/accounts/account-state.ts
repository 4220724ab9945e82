import type { ChainEvent, ChainEventOf } from '../../contract/events.ts';
import { ledgerLineOf } from '../ledger/ledger-row.ts';
import type { AccountRow } from './account-row.ts';
import { STATEMENT_PAGE_REFERENCES, type StatementPage, daysBetween, lastCommitOf } from './statement.ts';

/** An account while events are folded into it. */
export class AccountState {
  readonly row: AccountRow;
  /** The line of the ledger on which the account counts. */
  readonly ledgerLine: string;
  /** Up to here the balance is told by the row as it was read, or by the last change of it that was taken since. */
  balanceSeq: number;
  /** First event of the commit that the tail names last; -1 for an empty tail. */
  #tailCommit: number;

  constructor(row: AccountRow) {
    this.row = row;
    this.balanceSeq = row.seq;
    this.ledgerLine = ledgerLineOf(row.accountId, row.productCode);
    this.#tailCommit = lastCommitOf(row.tail);
  }

  /** @returns an account as it stands before the event that opens it */
  static opened({ entityId, occurredAt, payload }: ChainEventOf<'AccountOpened'>): AccountState {
    return new AccountState({
      ...payload,
      accountId: entityId,
      seq: 0,
      status: 'ACTIVE',
      openedAt: occurredAt,
      balanceMinor: 0,
      eventCount: 0,
      tail: '',
      openingMinor: 0,
      newestBeforeTail: null,
      newest: null,
      disorderDays: 0,
    });
  }

  /**
   * Takes one of the account's events.
   * @returns the page of the statement that the event has filled, if any
   */
  take(event: ChainEvent, commitFirstSeq: number): StatementPage | undefined {
    const { row } = this;
    const distance = event.seq - commitFirstSeq;
    if (commitFirstSeq === this.#tailCommit) row.tail += `+${distance}`;
    else row.tail += row.tail === '' ? `${commitFirstSeq}+${distance}` : ` ${commitFirstSeq}+${distance}`;
    this.#tailCommit = commitFirstSeq;
    if (event.type === 'AccountBalanceUpdated') this.#move(event);
    else if (event.type === 'LoanFacilityCreated') {
      const { principalMinor, termMonths, rate } = event.payload;
      row.loan = { principalMinor, termMonths, rate };
    } else if (event.type === 'AccountClosed') row.status = 'CLOSED';
    row.seq = event.seq;
    row.eventCount += 1;
    return row.eventCount % STATEMENT_PAGE_REFERENCES === 0 ? this.#turnPage() : undefined;
  }

  #move({ seq, payload }: ChainEventOf<'AccountBalanceUpdated'>): void {
    const { row } = this;
    const { valueDate, deltaMinor, balanceMinor } = payload;
    row.tail += `:${valueDate}:${deltaMinor}`;
    // What the journal says stands, even where it is not the sum: the monitor reports that.
    row.balanceMinor = balanceMinor;
    this.balanceSeq = seq;
    if (row.newest === null || valueDate > row.newest) row.newest = valueDate;
    else if (valueDate < row.newest) {
      row.disorderDays = Math.max(row.disorderDays, daysBetween(valueDate, row.newest));
    }
  }

  #turnPage(): StatementPage {
    const { row } = this;
    const page: StatementPage = {
      references: row.tail,
      openingMinor: row.openingMinor,
      newestBefore: row.newestBeforeTail,
      newestThrough: row.newest,
    };
    row.tail = '';
    row.openingMinor = row.balanceMinor;
    row.newestBeforeTail = row.newest;
    this.#tailCommit = -1;
    return page;
  }
}
