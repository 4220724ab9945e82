import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountKind, Archetype } from '../archetypes/archetype.ts';
import type { AccountRef } from '../world/intent.ts';
import { LedgerUnavailable, type Account, type Ledger } from './ledger.ts';

const PAGE_ROWS = 1_000;
/** The views follow the journal within moments; five minutes are for a busy day. */
const WAIT_MS = 100;
const MOST_WAITS = 3_000;

/** Which ids the ledger gave to the members and their accounts. Can be read again from the API at any time. */
export class Directory {
  readonly #ledger: Ledger;
  readonly #tenantId: string;
  readonly #kindOf: ReadonlyMap<string, AccountKind>;
  readonly #customerIds: (string | undefined)[];
  readonly #chains: (string | undefined)[] = [];
  readonly #memberOf = new Map<string, number>();
  readonly #accountIds: Record<AccountKind, (string | undefined)[]> = { TXN: [], SAVINGS: [], TERM: [], LOAN: [] };
  #loading: Promise<void> | undefined;

  constructor(options: { ledger: Ledger; tenantId: string; archetype: Archetype; members: number }) {
    this.#ledger = options.ledger;
    this.#tenantId = options.tenantId;
    // Object.entries widens the keys of a record; they are the kinds.
    const products = Object.entries(options.archetype.productOf) as [AccountKind, string][];
    this.#kindOf = new Map(products.map(([kind, product]) => [product, kind]));
    this.#customerIds = Array.from({ length: options.members }, () => undefined);
  }

  addCustomer(member: number, customerId: string): void {
    this.#customerIds[member] = customerId;
    this.#chains[member] = undefined;
    this.#memberOf.set(customerId, member);
  }

  addAccount(account: { member: number; kind: AccountKind }, accountId: string): void {
    this.#accountIds[account.kind][account.member] = accountId;
  }

  customerId(member: number): string {
    const customerId = this.#customerIds[member];
    if (customerId === undefined)
      throw new RangeError(`Cannot find the customer of member ${member}: load the directory first`);
    return customerId;
  }

  accountId(account: AccountRef): string {
    if (typeof account === 'string') return account;
    const accountId = this.#accountIds[account.kind][account.member];
    if (accountId === undefined)
      throw new RangeError(`Cannot find the ${account.kind} account of member ${account.member}: load it first`);
    return accountId;
  }

  /** The chain that the ledger picked for a member: ids carry it, as in `cust_07_…`. */
  chainOf(member: number): string {
    return (this.#chains[member] ??= chainIn(this.customerId(member)));
  }

  /** Reads customers and accounts, unless all members are known; waits for the views to show everyone. */
  async load(): Promise<void> {
    if (this.#isComplete()) return;
    this.#loading ??= this.#readAll().finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  /** Makes sure that accounts opened during the run, maybe by another worker, are known. */
  async loadAccounts(accounts: Iterable<{ member: number; kind: AccountKind }>): Promise<void> {
    for (const { member, kind } of accounts) {
      const customerId = this.customerId(member);
      await until(async () => {
        if (this.#accountIds[kind][member] !== undefined) return true;
        const page = await this.#ledger.accounts(this.#tenantId, { customerId, offset: 0, limit: PAGE_ROWS });
        for (const account of page.accounts) this.#take(account);
        return this.#accountIds[kind][member] !== undefined;
      }, `the ${kind} account of ${customerId}`);
    }
  }

  /** Every account of the tenant, page by page, as the views show them now. */
  async *accounts(): AsyncGenerator<Account & { member: number; kind: AccountKind }> {
    for (let offset = 0; ; offset += PAGE_ROWS) {
      const page = await this.#ledger.accounts(this.#tenantId, { offset, limit: PAGE_ROWS });
      for (const account of page.accounts) {
        const known = this.#take(account);
        if (known) yield { ...account, ...known };
      }
      if (page.accounts.length === 0 || offset + page.accounts.length >= page.total) return;
    }
  }

  async #readAll(): Promise<void> {
    await until(async () => {
      await this.#readCustomers();
      // Reading is what fills the directory; the accounts themselves are not needed here.
      for await (const account of this.accounts()) void account;
      return this.#isComplete();
    }, `all ${this.#customerIds.length} members with their accounts`);
  }

  async #readCustomers(): Promise<void> {
    for (let offset = 0; ; offset += PAGE_ROWS) {
      const page = await this.#ledger.customers(this.#tenantId, { offset, limit: PAGE_ROWS });
      for (const { externalRef, customerId } of page.customers) {
        const member = Number(externalRef?.replace('CUST-', '')) - 1;
        if (member >= 0 && member < this.#customerIds.length) this.addCustomer(member, customerId);
      }
      if (page.customers.length === 0 || offset + page.customers.length >= page.total) return;
    }
  }

  #take(account: Account): { member: number; kind: AccountKind } | undefined {
    const kind = this.#kindOf.get(account.productCode);
    const member = this.#memberOf.get(account.customerId);
    if (kind === undefined || member === undefined) return undefined;
    this.addAccount({ member, kind }, account.accountId);
    return { member, kind };
  }

  /** Term deposits and loans are looked up when they are needed: no entry of the month touches a term deposit. */
  #isComplete(): boolean {
    const { TXN, SAVINGS } = this.#accountIds;
    return this.#customerIds.every(
      (id, member) => id !== undefined && TXN[member] !== undefined && SAVINGS[member] !== undefined,
    );
  }
}

export function chainIn(id: string): string {
  const chain = /^[a-z]+_(\d+)_/.exec(id)?.[1];
  if (chain === undefined)
    throw new RangeError(`Cannot find the chain in the id "${id}": it should look like acc_07_…`);
  return chain;
}

/** Asks again until the answer is yes; a ledger that cannot be reached counts as no. */
export async function until(isReady: () => Promise<boolean>, what: string): Promise<void> {
  for (let waits = 0; waits < MOST_WAITS; waits += 1) {
    try {
      if (await isReady()) return;
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
    }
    await sleep(WAIT_MS);
  }
  throw new LedgerUnavailable(`The ledger's views do not show ${what} after ${(MOST_WAITS * WAIT_MS) / 1000} s`);
}
