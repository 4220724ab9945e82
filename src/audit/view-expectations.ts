import type { ChainEvent, EventLeg } from '../contract/events.ts';
import { chainOfId, isGeneralLedger } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import { AccountExpectation } from './account-expectation.ts';
import type { CheckedCommit } from './chain-check.ts';
import {
  canonical,
  type CursorDocument,
  type CustomerDocument,
  type LedgerDocument,
  type LedgerLines,
  PAGE_IDS,
  padded,
  type ProductDocument,
  ROW_LINES,
  rowKey,
} from './view-documents.ts';

/** A row that the views must hold: its document, or only the digest of it for the many that never change again. */
export interface ExpectedRow {
  chain: string;
  document?: object;
  digest?: string;
}

/** Works out, from the events alone, every row that the views of a tenant must hold. */
export class ViewExpectations {
  readonly #tenantId: string;
  readonly #accounts = new Map<string, AccountExpectation>();
  readonly #customers = new Map<string, CustomerDocument>();
  readonly #products = new Map<string, ProductDocument>();
  /** Full pages of statements by key. */
  readonly #pages = new Map<string, ExpectedRow>();
  readonly #chains = new Map<string, ChainExpectation>();

  constructor(tenantId: string) {
    this.#tenantId = tenantId;
  }

  /** @param balanceMinor tells an account's balance after the event */
  event(
    event: ChainEvent,
    place: { chain: string; commitFirstSeq: number },
    balanceMinor: (accountId: string) => number,
  ): void {
    const chain = this.#chain(place.chain);
    chain.watched(event);
    if (event.type === 'ProductCreated' || event.type === 'ProductUpdated') {
      const version = (this.#products.get(event.entityId)?.version ?? 0) + 1;
      this.#products.set(event.entityId, { seq: event.seq, version, terms: event.payload });
      if (event.type === 'ProductCreated') chain.ids.products.push(event.entityId);
    }
    if (event.type === 'CustomerCreated') {
      const { seq, entityId: customerId, occurredAt: createdAt, payload: profile } = event;
      this.#customers.set(customerId, { seq, customerId, createdAt, profile, accountIds: [] });
      chain.ids.customers.push(customerId);
    }
    if (event.type === 'AccountOpened') {
      this.#accounts.set(event.entityId, new AccountExpectation(event));
      const customer = this.#customers.get(event.payload.customerId);
      if (customer) {
        customer.seq = event.seq;
        customer.accountIds.push(event.entityId);
      }
      chain.ids.accounts.push(event.entityId);
    }
    if (event.type === 'FundsPosted' || event.type === 'EntryPosted') {
      const { legs } = event.payload;
      for (const [index, { accountId }] of legs.entries())
        if (chainOfId(accountId) === place.chain && !isNamedBefore(legs, index))
          this.#add(accountId, event, place, balanceMinor);
    } else if (namesAccount(event)) this.#add(event.entityId, event, place, balanceMinor);
    if (event.type === 'AccountBalanceUpdated') {
      const productCode = this.#accounts.get(event.entityId)?.productCode ?? 'UNKNOWN';
      const line = isGeneralLedger(event.entityId) ? event.entityId : `PRODUCT:${productCode}`;
      chain.move(line, event.seq, event.payload.deltaMinor);
    }
  }

  /** Takes an event into the history of an account that it names. */
  #add(
    accountId: string,
    event: ChainEvent,
    { chain, commitFirstSeq }: { chain: string; commitFirstSeq: number },
    balanceMinor: (accountId: string) => number,
  ): void {
    const full = this.#accounts.get(accountId)?.add(event, commitFirstSeq, balanceMinor(accountId));
    if (!full) return;
    const key = rowKey(`${this.#tenantId}#account#${accountId}`, `page#${padded(full.page)}`);
    this.#pages.set(key, { chain, digest: sha256(canonical(full.document)) });
  }

  /** Takes the end of a commit: where a cursor can stand. */
  commit(chain: string, commit: CheckedCommit, head: { seq: number; hash: string }): void {
    Object.assign(this.#chain(chain).cursor, head, { committedAt: commit.committedAt });
  }

  /** @returns every row by its key */
  rows(): Map<string, ExpectedRow> {
    const rows = new Map(this.#pages);
    const put = (pk: string, sk: string, chain: string | undefined, document: object): unknown =>
      rows.set(rowKey(`${this.#tenantId}#${pk}`, sk), { chain: chain ?? '', document });
    for (const [id, { document }] of this.#accounts) put(`account#${id}`, 'account', chainOfId(id), document);
    for (const [id, document] of this.#customers) put(`customer#${id}`, 'customer', chainOfId(id), document);
    for (const [code, document] of this.#products) put(`product#${code}`, 'product', 'catalog', document);
    for (const [name, chain] of this.#chains) {
      for (const [kind, ids] of Object.entries(chain.ids)) {
        for (const [page, pageIds] of pagesOf(ids, PAGE_IDS).entries())
          put(`${kind}#${name}`, padded(page), name, { ids: pageIds });
      }
      for (const [row, document] of chain.furtherLedger().entries())
        put('ledger', `${name}#${padded(row)}`, name, document);
      put('cursor', name, name, chain.cursorDocument());
    }
    return rows;
  }

  #chain(name: string): ChainExpectation {
    const known = this.#chains.get(name);
    if (known) return known;
    const created = new ChainExpectation();
    this.#chains.set(name, created);
    return created;
  }
}

interface Turnover {
  in: ExactSum;
  out: ExactSum;
}

/** A sum that stays exact at any size, and is a plain number as long as that holds it. */
class ExactSum {
  #minor = 0;
  #carriedMinor = 0n;

  /** @param minor a safe integer, not below 0 */
  add(minor: number): void {
    const sumMinor = this.#minor + minor;
    if (Number.isSafeInteger(sumMinor)) {
      this.#minor = sumMinor;
      return;
    }
    this.#carriedMinor += BigInt(this.#minor);
    this.#minor = minor;
  }

  toString(): string {
    return String(this.#carriedMinor + BigInt(this.#minor));
  }
}

/** Lines of the ledger that stand together, with all that came in and went out: the first with the cursor, others on rows. */
interface LedgerPage {
  seq: number;
  turnovers: Map<string, Turnover>;
}

/** What the views keep for a chain as a whole. */
class ChainExpectation {
  readonly ids = { customers: [] as string[], accounts: [] as string[], products: [] as string[] };
  readonly cursor = { seq: 0, hash: '', committedAt: '' };
  readonly #checks: [balanced: number, derived: number, constrained: number] = [0, 0, 0];
  readonly #ledger: LedgerPage[] = [];
  readonly #pageOfLine = new Map<string, LedgerPage>();

  /** Counts what the monitor looks at: it does so by the types of the events alone. */
  watched({ type, entityId }: ChainEvent): void {
    const isEntry = type === 'FundsPosted' || type === 'EntryPosted';
    const isUpdate = type === 'AccountBalanceUpdated';
    if (isEntry || isUpdate) this.#checks[0] += 1;
    if (isUpdate) this.#checks[1] += 1;
    const isMembers = isUpdate && !isGeneralLedger(entityId);
    if (isEntry || isMembers || type === 'AccountOpened' || type === 'AccountClosed') this.#checks[2] += 1;
  }

  /** A line stays on the row on which it first appeared; rows fill one after the other. */
  move(line: string, seq: number, deltaMinor: number): void {
    let page = this.#pageOfLine.get(line);
    if (!page) {
      page = (this.#pageOfLine.size % ROW_LINES > 0 && this.#ledger.at(-1)) || this.#newPage();
      this.#pageOfLine.set(line, page);
    }
    let turnover = page.turnovers.get(line);
    if (!turnover) {
      turnover = { in: new ExactSum(), out: new ExactSum() };
      page.turnovers.set(line, turnover);
    }
    if (deltaMinor >= 0) turnover.in.add(deltaMinor);
    else turnover.out.add(-deltaMinor);
    page.seq = seq;
  }

  #newPage(): LedgerPage {
    const page: LedgerPage = { seq: 0, turnovers: new Map() };
    this.#ledger.push(page);
    return page;
  }

  furtherLedger(): LedgerDocument[] {
    return this.#ledger.slice(1).map((page) => ({ seq: page.seq, lines: linesOf(page) }));
  }

  cursorDocument(): CursorDocument {
    const { customers, accounts, products } = this.ids;
    const counts = { customers: customers.length, accounts: accounts.length, products: products.length };
    const [first, ...further] = this.#ledger;
    const watch = { checks: this.#checks };
    return { ...this.cursor, counts, ledgerLines: first ? linesOf(first) : {}, ledgerRows: further.length, watch };
  }
}

function linesOf({ turnovers }: LedgerPage): LedgerLines {
  return Object.fromEntries(
    [...turnovers].map(([line, turnover]) => [line, [turnover.in.toString(), turnover.out.toString()]]),
  );
}

/** Whether the event belongs to the history of the member account that is its entity. */
function namesAccount(event: ChainEvent): boolean {
  switch (event.type) {
    case 'AccountOpened':
    case 'LoanFacilityCreated':
    case 'AccountClosed':
      return true;
    case 'AccountBalanceUpdated':
      return !isGeneralLedger(event.entityId);
    case 'FundsPosted':
    case 'EntryPosted':
    case 'TenantCreated':
    case 'ProductCreated':
    case 'ProductUpdated':
    case 'CustomerCreated':
    case 'CommandRefused':
      return false;
    default:
      return event satisfies never;
  }
}

function isNamedBefore(legs: readonly EventLeg[], index: number): boolean {
  const accountId = legs[index]?.accountId;
  for (let before = 0; before < index; before += 1) if (legs[before]?.accountId === accountId) return true;
  return false;
}

function pagesOf(ids: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, page) => ids.slice(page * size, (page + 1) * size));
}
