import { DEFAULT_CHAINS } from '../contract/limits.ts';
import { CATALOG, chainOfId, chainOfIndex, fullChainName } from '../core/chain/name.ts';
import { type ChainCheck, createChainCheck } from './chain-check.ts';
import { type ChainReplay, createChainReplay } from './chain-replay.ts';
import { createClaims } from './claims.ts';
import { digestOfTenant } from './digest.ts';
import { createDigestCopies, type DigestCopies } from './digest-copies.ts';
import { createFindings, type Findings } from './findings.ts';
import { notesOf } from './notes.ts';
import type { ChainHead, TenantAudit, ViewsComparison } from './result.ts';
import type { AuditSource, StoredItem } from './source.ts';
import type { TenantState } from './state.ts';
import { createSeenHeads, type SeenHeads } from './seen-heads.ts';
import { createStatistics } from './statistics.ts';
import { createTransfers, type Transfers } from './transfers.ts';
import { type ExpectedRow, ViewExpectations } from './view-expectations.ts';
import { chainOfRow, keysOfChain } from './view-rows.ts';

/** Chain names have two digits. */
const CHAINS_MAX = 100;

/** Chains whose first page is asked for before the one before it is done. */
const CHAINS_AHEAD = 2;

export const CATALOG_ONLY: ReadonlySet<string> = new Set([CATALOG]);

interface ReaderOptions {
  /** Reads these chains only. Absent: all of the tenant's. */
  chains?: ReadonlySet<string>;
  /** Where the halves of entries between chains meet. Absent: within what is read. */
  transfersOf?: (findings: Findings) => Transfers;
}

/** Reads a tenant's journal, all of it and then what is added to it, and checks it on the way. */
export class TenantReader {
  readonly tenantId: string;
  readonly state: TenantState;
  readonly views: ViewExpectations;
  readonly digests: DigestCopies;
  readonly #source: AuditSource;
  readonly #chains = new Map<string, { check: ChainCheck; replay: ChainReplay }>();
  readonly #scope: ReadonlySet<string> | undefined;
  /** Reads the catalog where it is out of scope: every chain is checked against it, and what is wrong there is told elsewhere. */
  readonly #catalog: TenantReader | undefined;
  #seen: SeenHeads | undefined;
  #isSigned = true;
  /** Chains that are not any more what the views have seen of them. */
  #lost: ReadonlySet<string> = new Set();

  constructor(tenantId: string, source: AuditSource, options: ReaderOptions = {}) {
    const { chains, transfersOf = createTransfers } = options;
    this.tenantId = tenantId;
    this.#source = source;
    this.#scope = chains;
    if (chains?.has(CATALOG) === false) this.#catalog = new TenantReader(tenantId, source, { chains: CATALOG_ONLY });
    this.views = new ViewExpectations(tenantId);
    this.digests = createDigestCopies(tenantId, source);
    const findings = createFindings(tenantId);
    this.state = {
      tenantId,
      findings,
      statistics: createStatistics(),
      tenant: undefined,
      localDate: (timestamp) => timestamp.slice(0, 10),
      memberChains: new Set(),
      products: this.#catalog?.state.products ?? new Map(),
      customers: new Map(),
      accounts: new Map(),
      ledgers: new Map(),
      transfers: transfersOf(findings),
      later: [],
      claims: createClaims(tenantId, findings, (holder) => this.#isInScope(chainOfId(holder))),
    };
  }

  /** Looks how far the views are, and the copies of the digests. Due before the journal is read: what they have seen by now must be there. */
  async lookAtCursors(): Promise<void> {
    const cursors = await this.#source.viewPartition(`${this.tenantId}#cursor`);
    const { signed, faults, isNone } = await this.digests.last();
    this.#seen = createSeenHeads(cursors, signed);
    if (!this.#isRead(CATALOG)) return;
    this.#isSigned = !isNone;
    const { findings } = this.state;
    for (const fault of faults) findings.check('HASH_CHAIN', false, {}, () => fault);
    for await (const fault of this.digests.each())
      findings.check('HASH_CHAIN', fault === undefined, {}, () => fault ?? '');
  }

  /**
   * Reads all chains from where they were read last, the catalog first: it says which others there are. It is read on at the
   * end, since accounts may have been opened meanwhile on products that are younger than the first look at it.
   */
  async readAll(): Promise<void> {
    await this.#readCatalog();
    const count = Math.min(this.state.tenant?.chains ?? DEFAULT_CHAINS, CHAINS_MAX);
    const names = Array.from({ length: count }, (_, index) => chainOfIndex(index));
    this.state.memberChains = new Set(names);
    await this.#readToEnd(names.filter((chain) => this.#isRead(chain)));
    await this.#readCatalog();
  }

  /** Reads chains on until they hold the given events, no commit further. */
  async readTo(seqs: ReadonlyMap<string, number>): Promise<void> {
    for (const chain of [CATALOG, ...this.state.memberChains])
      if (this.#isRead(chain)) await this.#read(chain, seqs.get(chain) ?? 0);
  }

  /** All has been read once: from here on only what was added meanwhile follows. */
  mark(): void {
    this.#lost = this.#seen?.lost(this.heads(), this.state.findings) ?? this.#lost;
    this.state.transfers.mark();
    this.state.claims.mark();
  }

  /** All chains of the tenant, read or not. */
  chains(): string[] {
    return [...this.state.memberChains, CATALOG];
  }

  /** Where the chains end that are read. */
  heads(): ChainHead[] {
    return this.chains()
      .filter((chain) => this.#isRead(chain))
      .map((chain) => {
        const { headSeq, computedHash } = this.#chain(chain).check;
        return { chain, headSeq, headHash: computedHash };
      });
  }

  /** Whether a digest is known that tells how far the chains went, as far as that is looked for here: with the catalog. */
  isSigned(): boolean {
    return this.#isSigned || this.heads().every(({ headSeq }) => headSeq === 0);
  }

  /** Partition keys of the tenant's chains. */
  chainPks(): string[] {
    return this.chains().map((chain) => fullChainName({ tenantId: this.tenantId, chain }));
  }

  /**
   * Whether a row of the tenant's views is compared with what is read here. Those of a chain that was cut off or rewritten are
   * not: each of them would be told as a wrong view, while it is the journal that is.
   */
  hasRow(item: StoredItem): boolean {
    const chain = chainOfRow(item);
    return this.#isInScope(chain) && !this.#isLost(chain);
  }

  /** What the keys of most rows begin with that are compared elsewhere, so that they need not be read here. */
  keysElsewhere(): string[] {
    const chains = [...this.state.memberChains].filter((chain) => !this.#isRead(chain));
    return chains.flatMap((chain) => keysOfChain(this.tenantId, chain));
  }

  /** Every row that the views must hold and that is compared here, by its key. */
  expectedRows(): Map<string, ExpectedRow> {
    const rows = this.views.rows();
    for (const [key, { chain }] of rows) if (this.#isLost(chain)) rows.delete(key);
    return rows;
  }

  /** Whether the views' cursor of a chain tells how far the rows are that are compared here. */
  hasCursor(chain: string): boolean {
    return this.#isInScope(chain) && !this.#isLost(chain);
  }

  /** Whether an id occurs in the tenant's journal. */
  isOurs(id: string): boolean {
    if (id.startsWith('ent_')) return this.state.memberChains.has(chainOfId(id) ?? '');
    return this.state.accounts.get(id)?.terms !== undefined || this.state.customers.has(id);
  }

  /** @param daysMax most days that the statistics tell one by one */
  finish(views: ViewsComparison, daysMax: number): TenantAudit {
    const { state, tenantId } = this;
    checkSum(state.findings, this.conclude());
    const chains = this.heads();
    const digest = digestOfTenant(tenantId, chains);
    return {
      tenantId,
      digest,
      chains,
      statistics: state.statistics.result(daysMax),
      views,
      notes: notesOf(this.isSigned()),
      invariants: state.findings.report(),
    };
  }

  /**
   * Makes the checks that are due when all has been read.
   * @returns the sum of all balances in minor units, with what of entries between chains was just being written
   */
  conclude(): bigint {
    const { state } = this;
    if (this.#isRead(CATALOG))
      state.findings.check(
        'HASH_CHAIN',
        state.tenant !== undefined,
        { chain: CATALOG },
        () => 'The catalog chain does not create the tenant',
      );
    for (const check of state.later.splice(0)) check();
    state.claims.finish();
    const lackingMinor = state.transfers.finish((accountId) => state.accounts.get(accountId)?.terms !== undefined);
    return this.#sumMinor() + lackingMinor;
  }

  #isRead(chain: string): boolean {
    return this.#scope?.has(chain) ?? true;
  }

  #isLost(chain: string | undefined): boolean {
    return chain !== undefined && this.#lost.has(chain);
  }

  /** What belongs to no chain of the tenant goes with the catalog. */
  #isInScope(chain: string | undefined): boolean {
    return this.#isRead(chain !== undefined && this.state.memberChains.has(chain) ? chain : CATALOG);
  }

  async #readCatalog(): Promise<void> {
    if (!this.#catalog) return this.#read(CATALOG, Infinity);
    await this.#catalog.#readCatalog();
    const { tenant, localDate } = this.#catalog.state;
    if (tenant && !this.state.tenant) this.state.statistics.tenantCreated(tenant, localDate);
    Object.assign(this.state, { tenant, localDate });
  }

  #sumMinor(): bigint {
    let sumMinor = 0n;
    for (const account of this.state.accounts.values()) sumMinor += BigInt(account.balanceMinor);
    for (const ledger of this.state.ledgers.values())
      for (const shareMinor of ledger.values()) sumMinor += BigInt(shareMinor);
    return sumMinor;
  }

  /** Chain by chain. What the next ones begin with is fetched meanwhile, as most chains are no longer than a page. */
  async #readToEnd(chains: readonly string[]): Promise<void> {
    const pages: AsyncIterable<readonly StoredItem[]>[] = [];
    for (const [index, chain] of chains.entries()) {
      for (const next of chains.slice(pages.length, index + 1 + CHAINS_AHEAD)) pages.push(begun(this.#pagesOf(next)));
      for await (const page of pages[index] ?? []) for (const item of page) this.#take(chain, item);
    }
  }

  async #read(chain: string, upTo: number): Promise<void> {
    const { check } = this.#chain(chain);
    if (check.headSeq >= upTo) return;
    for await (const page of this.#pagesOf(chain)) {
      for (const item of page) {
        this.#take(chain, item);
        if (check.headSeq >= upTo) return;
      }
    }
  }

  /** The items of a chain after those that were read. */
  #pagesOf(chain: string): AsyncIterable<readonly StoredItem[]> {
    const pk = fullChainName({ tenantId: this.tenantId, chain });
    return this.#source.chainItems(pk, { afterSeq: this.#chain(chain).check.headSeq });
  }

  #take(chain: string, item: StoredItem): void {
    const { check, replay } = this.#chain(chain);
    const { state, views } = this;
    const commitFirstSeq = Number(item['sk']);
    const commit = check.next(item);
    replay.commit(commit.events, (event) =>
      views.event(event, { chain, commitFirstSeq }, (accountId) => state.accounts.get(accountId)?.balanceMinor ?? 0),
    );
    const head = { seq: check.headSeq, hash: check.headHash };
    views.commit(chain, commit, head);
    this.#seen?.passed(chain, head);
    const creates = commit.events.some(({ type }) => type === 'TenantCreated');
    state.findings.check('TENANT_ISOLATION', commit.registered === creates, { chain, seq: commitFirstSeq }, () =>
      creates
        ? 'The commit that creates the tenant is not in the registry'
        : 'A commit is in the registry that creates no tenant',
    );
  }

  #chain(chain: string): { check: ChainCheck; replay: ChainReplay } {
    const known = this.#chains.get(chain);
    if (known) return known;
    const check = createChainCheck({ tenantId: this.tenantId, chain }, this.state.findings);
    const created = { check, replay: createChainReplay(chain, this.state) };
    this.#chains.set(chain, created);
    return created;
  }
}

/** Asks for the first page at once, for the others when they are wanted. */
function begun<Page>(pages: AsyncIterable<Page>): AsyncIterable<Page> {
  const iterator = pages[Symbol.asyncIterator]();
  const first = iterator.next();
  first.catch(() => undefined); // told to who comes to read it
  return (async function* () {
    for (let result = await first; result.done !== true; result = await iterator.next()) yield result.value;
  })();
}

/** Checks that the balances of all accounts of a tenant add up to zero. */
export function checkSum(findings: Findings, sumMinor: bigint): void {
  findings.check(
    'BALANCED_ENTRIES',
    sumMinor === 0n,
    {},
    () => `The balances of all accounts add up to ${sumMinor}, not to zero`,
  );
}
