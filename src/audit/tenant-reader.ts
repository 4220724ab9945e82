import { DEFAULT_CHAINS } from '../contract/limits.ts';
import { CATALOG, chainOfId, chainOfIndex, fullChainName } from '../core/chain/name.ts';
import { type ChainCheck, createChainCheck } from './chain-check.ts';
import { type ChainReplay, createChainReplay } from './chain-replay.ts';
import { createClaims } from './claims.ts';
import { digestOfTenant } from './digest.ts';
import { createFindings } from './findings.ts';
import type { ChainHead, TenantAudit, ViewsComparison } from './result.ts';
import type { AuditSource, StoredItem } from './source.ts';
import type { TenantState } from './state.ts';
import { createStatistics } from './statistics.ts';
import { createTransfers } from './transfers.ts';
import { ViewExpectations } from './view-expectations.ts';

/** Chain names have two digits. */
const CHAINS_MAX = 100;

/** Reads a tenant's journal, all of it and then what is added to it, and checks it on the way. */
export class TenantReader {
  readonly tenantId: string;
  readonly state: TenantState;
  readonly views: ViewExpectations;
  readonly #source: AuditSource;
  readonly #chains = new Map<string, { check: ChainCheck; replay: ChainReplay }>();

  constructor(tenantId: string, source: AuditSource) {
    this.tenantId = tenantId;
    this.#source = source;
    this.views = new ViewExpectations(tenantId);
    const findings = createFindings(tenantId);
    this.state = {
      tenantId,
      findings,
      statistics: createStatistics(),
      tenant: undefined,
      localDate: (timestamp) => timestamp.slice(0, 10),
      memberChains: new Set(),
      products: new Map(),
      customers: new Map(),
      accounts: new Map(),
      ledgers: new Map(),
      transfers: createTransfers(findings),
      later: [],
      claims: createClaims(tenantId, findings),
    };
  }

  /**
   * Reads all chains from where they were read last, the catalog first: it says which others there are. It is read on at the
   * end, since accounts may have been opened meanwhile on products that are younger than the first look at it.
   */
  async readAll(): Promise<void> {
    await this.#read(CATALOG, Infinity);
    const count = Math.min(this.state.tenant?.chains ?? DEFAULT_CHAINS, CHAINS_MAX);
    const names = Array.from({ length: count }, (_, index) => chainOfIndex(index));
    this.state.memberChains = new Set(names);
    for (const chain of [...names, CATALOG]) await this.#read(chain, Infinity);
  }

  /** Reads chains on until they hold the given events, no commit further. */
  async readTo(seqs: ReadonlyMap<string, number>): Promise<void> {
    for (const chain of [CATALOG, ...this.state.memberChains]) await this.#read(chain, seqs.get(chain) ?? 0);
  }

  /** All has been read once: from here on only what was added meanwhile follows. */
  mark(): void {
    this.state.transfers.mark();
    this.state.claims.mark();
  }

  heads(): ChainHead[] {
    return [...this.state.memberChains, CATALOG].map((chain) => {
      const { headSeq, computedHash } = this.#chain(chain).check;
      return { chain, headSeq, headHash: computedHash };
    });
  }

  /** Partition keys of the tenant's chains. */
  chainPks(): string[] {
    return this.heads().map(({ chain }) => fullChainName({ tenantId: this.tenantId, chain }));
  }

  /** Whether an id occurs in the tenant's journal. */
  isOurs(id: string): boolean {
    if (id.startsWith('ent_')) return this.state.memberChains.has(chainOfId(id) ?? '');
    return this.state.accounts.get(id)?.terms !== undefined || this.state.customers.has(id);
  }

  /** @param daysMax most days that the statistics tell one by one */
  finish(views: ViewsComparison, daysMax: number): TenantAudit {
    const { state, tenantId } = this;
    state.findings.check(
      'HASH_CHAIN',
      state.tenant !== undefined,
      { chain: CATALOG },
      () => 'The catalog chain does not create the tenant',
    );
    for (const check of state.later.splice(0)) check();
    state.claims.finish();
    const lackingMinor = state.transfers.finish((accountId) => state.accounts.get(accountId)?.terms !== undefined);
    const sumMinor = this.#sumMinor() + lackingMinor;
    state.findings.check(
      'BALANCED_ENTRIES',
      sumMinor === 0n,
      {},
      () => `The balances of all accounts add up to ${sumMinor}, not to zero`,
    );
    const chains = this.heads();
    const digest = digestOfTenant(tenantId, chains);
    return {
      tenantId,
      digest,
      chains,
      statistics: state.statistics.result(daysMax),
      views,
      invariants: state.findings.report(),
    };
  }

  #sumMinor(): bigint {
    let sumMinor = 0n;
    for (const account of this.state.accounts.values()) sumMinor += BigInt(account.balanceMinor);
    for (const ledger of this.state.ledgers.values())
      for (const shareMinor of ledger.values()) sumMinor += BigInt(shareMinor);
    return sumMinor;
  }

  async #read(chain: string, upTo: number): Promise<void> {
    const { check } = this.#chain(chain);
    if (check.headSeq >= upTo) return;
    const pk = fullChainName({ tenantId: this.tenantId, chain });
    for await (const page of this.#source.chainItems(pk, { afterSeq: check.headSeq })) {
      for (const item of page) {
        this.#take(chain, item);
        if (check.headSeq >= upTo) return;
      }
    }
  }

  #take(chain: string, item: StoredItem): void {
    const { check, replay } = this.#chain(chain);
    const { state, views } = this;
    const commitFirstSeq = Number(item['sk']);
    const commit = check.next(item);
    replay.commit(commit.events, (event) =>
      views.event(event, { chain, commitFirstSeq }, (accountId) => state.accounts.get(accountId)?.balanceMinor ?? 0),
    );
    views.commit(chain, commit, { seq: check.headSeq, hash: check.headHash });
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
