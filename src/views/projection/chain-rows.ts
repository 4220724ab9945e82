import type { ChainRef } from '../../core/chain/name.ts';
import type { Commit } from '../../journal/port.ts';
import type { AccountRow } from '../accounts/account-row.ts';
import { AccountState } from '../accounts/account-state.ts';
import type { CustomerRow } from '../customers/customer-row.ts';
import { accountKey, customerKey, ledgerKey, listPageKey, productKey } from '../keys.ts';
import { ChainLedger } from '../ledger/chain-ledger.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { LIST_KINDS, LIST_PAGE_IDS, type ListKind, type ListPage } from '../lists/list-page.ts';
import { continued, type Watch } from '../monitor/watch.ts';
import type { ViewStore } from '../port.ts';
import type { ProductRow } from '../products/product-row.ts';
import type { Row, RowKey } from '../row.ts';
import type { Cursor } from './cursor.ts';
import { RowTable, asStored } from './row-table.ts';

/**
 * The rows of one chain that its projection has in memory, as far as they are known. Whatever the chain as a whole has, the
 * lists' newest pages and its share of the ledger, is there once something was loaded.
 */
export class ChainRows {
  readonly ref: ChainRef;
  readonly accounts: RowTable<AccountState, AccountRow>;
  readonly customers: RowTable<CustomerRow>;
  readonly products: RowTable<ProductRow>;
  /** Pages of each list, by their number. */
  readonly lists: Record<ListKind, RowTable<ListPage>>;
  /** Ids on each list. */
  readonly counts: Record<ListKind, number>;
  /** What the monitor has counted. */
  readonly watch: Watch;
  #ledger: ChainLedger | undefined;
  #sealed: Row[] = [];
  readonly #tables: readonly (
    typeof this.accounts | typeof this.customers | typeof this.products | RowTable<ListPage>
  )[];
  /** The cursor with which these rows go. */
  #cursor: Cursor;

  constructor(ref: ChainRef, cursor: Cursor) {
    const { tenantId } = ref;
    this.ref = ref;
    this.accounts = new RowTable({
      keyOf: (id) => accountKey(tenantId, id),
      open: (row: AccountRow) => new AccountState(row),
      close: ({ row }: AccountState) => row,
    });
    this.customers = new RowTable(asStored((id) => customerKey(tenantId, id)));
    this.products = new RowTable(asStored((id) => productKey(tenantId, id)));
    const pagesOf = (kind: ListKind) =>
      new RowTable<ListPage>(asStored((page) => listPageKey(ref, kind, Number(page))));
    this.lists = { customers: pagesOf('customers'), accounts: pagesOf('accounts'), products: pagesOf('products') };
    this.#tables = [this.accounts, this.customers, this.products, ...Object.values(this.lists)];
    this.counts = { ...cursor.counts };
    this.watch = continued(cursor);
    this.#cursor = cursor;
  }

  /** Rows in memory. */
  get size(): number {
    return this.#tables.reduce((sum, { size }) => sum + size, 0);
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  get ledger(): ChainLedger {
    if (!this.#ledger) throw new Error('Cannot use the ledger of a chain: it was not loaded');
    return this.#ledger;
  }

  /** Whether all rows that were asked for are in memory. */
  get complete(): boolean {
    return this.#ledger !== undefined && this.#tables.every((table) => table.complete);
  }

  /** Reads the rows that were asked for and are not in memory, all at once. */
  async load(store: ViewStore): Promise<void> {
    let ledgerKeys: RowKey[] = [];
    if (!this.#ledger) {
      ledgerKeys = Array.from({ length: this.#cursor.ledgerRows }, (_, row) => ledgerKey(this.ref, row));
      for (const kind of LIST_KINDS) {
        if (this.counts[kind] % LIST_PAGE_IDS > 0)
          this.lists[kind].want(String(Math.floor(this.counts[kind] / LIST_PAGE_IDS)));
      }
    }
    const tables = this.#tables.map((table) => ({ table, keys: table.missing() }));
    const keys = [...ledgerKeys, ...tables.flatMap((some): RowKey[] => some.keys)];
    const docs = keys.length > 0 ? await store.get(keys) : [];
    let start = ledgerKeys.length;
    this.#ledger ??= new ChainLedger(this.#cursor, docs.slice(0, start) as (LedgerRow | undefined)[]); // by their keys
    for (const { table, keys: own } of tables) table.take(docs.slice(start, (start += own.length)));
  }

  /** Puts a row that never changes again and that is written before all others, which may take it for granted. */
  seal<Doc>(key: RowKey<Doc>, doc: Doc): void {
    this.#sealed.push({ key, doc });
  }

  /** @returns the rows to write, after which the cursor follows; asked again there are none */
  takeChanges(): { sealed: Row[]; changed: Row[] } {
    const sealed = this.#sealed;
    this.#sealed = [];
    const changed = this.#tables.flatMap((table) => table.takeChanged());
    changed.push(...this.ledger.takeChanged(this.ref));
    return { sealed, changed };
  }

  /** Moves the cursor to the end of a commit, all events up to which the rows hold now. */
  moveTo({ lastSeq: seq, headHash: hash, committedAt }: Commit): void {
    const watch = continued({ seq, watch: this.watch });
    this.#cursor = { seq, hash, committedAt, counts: { ...this.counts }, ...this.ledger.inCursor(), watch };
  }
}
