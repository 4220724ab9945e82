import type { ChainEvent, ChainEventOf } from '../contract/events.ts';
import { type AccountDocument, PAGE_REFERENCES, type Reference } from './view-documents.ts';

const DAY_MS = 86_400_000;

export interface FullPage {
  page: number;
  document: {
    references: Reference[];
    openingMinor: number;
    newestBefore: string | null;
    newestThrough: string | null;
  };
}

/** Builds the row of one account, event by event. */
export class AccountExpectation {
  readonly document: AccountDocument;
  /** Balance before the tail. */
  #openingMinor = 0;
  #newest: string | null = null;

  constructor({ entityId, occurredAt, payload }: ChainEventOf<'AccountOpened'>) {
    this.document = {
      ...payload,
      seq: 0,
      accountId: entityId,
      status: 'ACTIVE',
      openedAt: occurredAt,
      balanceMinor: 0,
      eventCount: 0,
      tail: [],
      newestBeforeTail: null,
      disorderDays: 0,
    };
  }

  /**
   * Takes one of the account's events.
   * @param balanceMinor the account's balance after it
   * @returns the page of the statement that the event has filled, if any
   */
  add(event: ChainEvent, commitFirstSeq: number, balanceMinor: number): FullPage | undefined {
    const { document } = this;
    document.seq = event.seq;
    document.eventCount += 1;
    document.balanceMinor = balanceMinor;
    if (event.type === 'AccountClosed') document.status = 'CLOSED';
    if (event.type === 'LoanFacilityCreated') {
      const { principalMinor, termMonths, rate } = event.payload;
      document.loan = { principalMinor, termMonths, rate };
    }
    if (event.type === 'AccountBalanceUpdated') {
      const { valueDate, deltaMinor } = event.payload;
      document.tail.push([commitFirstSeq, event.seq, valueDate, deltaMinor]);
      this.#takeDate(valueDate);
    } else {
      document.tail.push([commitFirstSeq, event.seq, null, null]);
    }
    return document.tail.length < PAGE_REFERENCES ? undefined : this.#turnPage();
  }

  #takeDate(valueDate: string): void {
    if (this.#newest === null || valueDate > this.#newest) {
      this.#newest = valueDate;
      return;
    }
    const behindDays = (Date.parse(this.#newest) - Date.parse(valueDate)) / DAY_MS;
    this.document.disorderDays = Math.max(this.document.disorderDays, behindDays);
  }

  #turnPage(): FullPage {
    const { document } = this;
    const page = {
      page: document.eventCount / PAGE_REFERENCES - 1,
      document: {
        references: document.tail,
        openingMinor: this.#openingMinor,
        newestBefore: document.newestBeforeTail,
        newestThrough: this.#newest,
      },
    };
    this.#openingMinor = document.balanceMinor;
    document.newestBeforeTail = this.#newest;
    document.tail = [];
    return page;
  }
}
