import type { ChainEvent, ChainEventOf } from '../contract/events.ts';
import { type AccountDocument, PAGE_REFERENCES } from './view-documents.ts';

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
  /**
   * References as they stand in a statement: one word for a run of events of the same commit, which begins with the commit's
   * first event and has for each event its distance from there, then value date and change where it moves money.
   */
  #tail = '';
  #references = 0;
  #commitFirstSeq = 0;

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

  get document(): Readonly<AccountDocument> {
    this.#document.tail = this.#tail;
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
      this.#refer(commitFirstSeq, event.seq, `:${valueDate}:${deltaMinor}`);
      this.#takeDate(valueDate);
    } else {
      this.#refer(commitFirstSeq, event.seq, '');
    }
    return this.#references < PAGE_REFERENCES ? undefined : this.#turnPage();
  }

  #refer(commitFirstSeq: number, seq: number, movement: string): void {
    const distance = seq - commitFirstSeq;
    if (this.#references === 0) this.#tail = `${commitFirstSeq}+${distance}${movement}`;
    else if (commitFirstSeq === this.#commitFirstSeq) this.#tail += `+${distance}${movement}`;
    else this.#tail += ` ${commitFirstSeq}+${distance}${movement}`;
    this.#commitFirstSeq = commitFirstSeq;
    this.#references += 1;
  }

  #takeDate(valueDate: string): void {
    const document = this.#document;
    if (document.newest === null || valueDate > document.newest) {
      document.newest = valueDate;
      return;
    }
    if (valueDate === document.newest) return;
    const behindDays = (Date.parse(document.newest) - Date.parse(valueDate)) / DAY_MS;
    document.disorderDays = Math.max(document.disorderDays, behindDays);
  }

  #turnPage(): FullPage {
    const document = this.#document;
    const page = {
      page: document.eventCount / PAGE_REFERENCES - 1,
      document: {
        references: this.#tail,
        openingMinor: document.openingMinor,
        newestBefore: document.newestBeforeTail,
        newestThrough: document.newest,
      },
    };
    document.openingMinor = document.balanceMinor;
    document.newestBeforeTail = document.newest;
    this.#tail = '';
    this.#references = 0;
    return page;
  }
}
