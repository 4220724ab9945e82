import type { ChainEvent, ChainEventOf } from '../contract/events.ts';
import { type AccountDocument, PAGE_REFERENCES, type Reference, referencesText } from './view-documents.ts';

const DAY_MS = 86_400_000;

export interface FullPage {
  page: number;
  document: {
    references: string;
    openingMinor: number;
    newestBefore: string | null;
    newestThrough: string | null;
  };
}

/** Builds the row of one account, event by event. */
export class AccountExpectation {
  readonly #document: AccountDocument;
  #tail: Reference[] = [];

  constructor({ entityId, occurredAt, payload }: ChainEventOf<'AccountOpened'>) {
    this.#document = {
      ...payload,
      seq: 0,
      accountId: entityId,
      status: 'ACTIVE',
      openedAt: occurredAt,
      balanceMinor: 0,
      eventCount: 0,
      tail: '',
      openingMinor: 0,
      newestBeforeTail: null,
      newest: null,
      disorderDays: 0,
    };
  }

  get productCode(): string {
    return this.#document.productCode;
  }

  /** Writes the tail out, which takes its time: for the comparison, not for each event. */
  get document(): Readonly<AccountDocument> {
    this.#document.tail = referencesText(this.#tail);
    return this.#document;
  }

  /**
   * Takes one of the account's events.
   * @param balanceMinor the account's balance after it
   * @returns the page of the statement that the event has filled, if any
   */
  add(event: ChainEvent, commitFirstSeq: number, balanceMinor: number): FullPage | undefined {
    const document = this.#document;
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
      this.#tail.push([commitFirstSeq, event.seq, valueDate, deltaMinor]);
      this.#takeDate(valueDate);
    } else {
      this.#tail.push([commitFirstSeq, event.seq, null, null]);
    }
    return this.#tail.length < PAGE_REFERENCES ? undefined : this.#turnPage();
  }

  #takeDate(valueDate: string): void {
    const document = this.#document;
    if (document.newest === null || valueDate > document.newest) {
      document.newest = valueDate;
      return;
    }
    const behindDays = (Date.parse(document.newest) - Date.parse(valueDate)) / DAY_MS;
    document.disorderDays = Math.max(document.disorderDays, behindDays);
  }

  #turnPage(): FullPage {
    const document = this.#document;
    const page = {
      page: document.eventCount / PAGE_REFERENCES - 1,
      document: {
        references: referencesText(this.#tail),
        openingMinor: document.openingMinor,
        newestBefore: document.newestBeforeTail,
        newestThrough: document.newest,
      },
    };
    document.openingMinor = document.balanceMinor;
    document.newestBeforeTail = document.newest;
    this.#tail = [];
    return page;
  }
}
