import type { ChainState, Table } from './state.ts';

/**
 * A working state over a chain's state: decisions of one commit change it, and only when the commit is durable are the
 * changes applied. A commit that fails is forgotten by dropping the overlay.
 */
export function overlayOf(base: ChainState): { state: ChainState; apply: () => void } {
  const tables = {
    tenants: new OverlayTable(base.tenants),
    products: new OverlayTable(base.products),
    customers: new OverlayTable(base.customers),
    accounts: new OverlayTable(base.accounts),
    ledger: new OverlayTable(base.ledger),
    commands: new OverlayTable(base.commands),
  };
  return { state: tables, apply: () => Object.values(tables).forEach((table) => table.apply()) };
}

class OverlayTable<Value> implements Table<Value> {
  readonly #base: Table<Value>;
  /** Made when needed: a commit changes few of a chain's tables. */
  #changes: Map<string, Value> | undefined;

  constructor(base: Table<Value>) {
    this.#base = base;
  }

  get(key: string): Value | undefined {
    return this.#changes?.get(key) ?? this.#base.get(key);
  }

  set(key: string, value: Value): void {
    this.#changes ??= new Map();
    this.#changes.set(key, value);
  }

  apply(): void {
    if (!this.#changes) return;
    for (const [key, value] of this.#changes) this.#base.set(key, value);
    this.#changes = undefined;
  }
}
