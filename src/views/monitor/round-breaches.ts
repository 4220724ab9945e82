import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Commit } from '../../journal/port.ts';
import { breachKey, breachesPartition } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import { StaleRowError } from '../projection/fence.ts';
import { type Breach, SEEN_HASH, SEEN_SEQ } from './breach.ts';
import type { RowClaim } from './old-rows.ts';
import { addBreaches, type BreachCounts, keptOf } from './watch.ts';

/** What was found in a commit: pk `<tenant>#breaches#<chain>`, sk the commit's first event. Written once, by whoever finds it first. */
export interface BreachRow {
  firstSeq: number;
  breaches: BreachCounts;
  /** Where it does not continue its chain: the event before it that the views had seen. */
  seen?: { seq: number; hash: string };
}

/** Breaches in a commit, as they are to be kept and told. */
interface Found {
  row: BreachRow;
  reports: Breach[];
}

interface Settlement {
  /** The events of the round: after one, up to another. */
  after: number;
  upTo: number;
  report: (breach: Breach) => void;
  /** Whether rows that are older than they should be explain all of this. */
  areOld: (claims: readonly RowClaim[]) => Promise<boolean>;
}

/**
 * What the monitor finds in the commits of a round. It is kept in rows of its own before any row of the views is written: a row
 * that holds an event no longer shows what was wrong with it, so a round that comes again takes from there what the round
 * before it has found. Without a breach nothing is read or written.
 */
export class RoundBreaches {
  readonly #ref: ChainRef;
  readonly #found = new Map<number, Found>();
  /** Breaches that rest on what a row says. */
  readonly #claimed: { commit: Commit; breach: Breach; claim: RowClaim }[] = [];
  /** Whether there was an event that a row held already: somebody has looked at it before. */
  seenBefore = false;

  constructor(ref: ChainRef) {
    this.#ref = ref;
  }

  add(commit: Commit, breach: Breach, claim?: RowClaim): void {
    if (claim) this.#claimed.push({ commit, breach, claim });
    else this.#take(commit, breach);
  }

  /**
   * Keeps what was found, and reports what nobody had kept before.
   * @returns all breaches in the round's commits, also those that only an earlier attempt could see
   * @throws StaleRowError where rows are older than they should be: what they made look like a breach is none
   */
  async settle(store: ViewStore, { after, upTo, report, areOld }: Settlement): Promise<BreachCounts> {
    if (this.#found.size === 0 && this.#claimed.length === 0 && !this.seenBefore) return {};
    const kept = (await store.list(breachesPartition(this.#ref))).map(({ doc }) => doc as BreachRow); // it holds nothing else
    const rows = new Map(kept.map((row) => [row.firstSeq, row]));
    const claims = this.#claimed.flatMap(({ commit, claim }) => (rows.has(commit.firstSeq) ? [] : [claim]));
    const isStale = claims.length > 0 && !hasBreachedBalances(kept) && (await areOld(claims));
    if (!isStale) for (const { commit, breach } of this.#claimed.splice(0)) this.#take(commit, breach);
    const fresh = [...this.#found].filter(([firstSeq]) => !rows.has(firstSeq));
    for (const [, { reports }] of fresh) for (const breach of reports) report(breach);
    await store.put(fresh.map(([firstSeq, { row }]) => ({ key: breachKey(this.#ref, firstSeq), doc: row })));
    if (isStale)
      throw new StaleRowError(
        `Rows of ${fullChainName(this.#ref)} are older than they should be: ${JSON.stringify(claims[0])}`,
      );
    for (const [firstSeq, { row }] of fresh) rows.set(firstSeq, row);
    const counts: BreachCounts = {};
    for (const row of [...rows.values()].sort((a, b) => a.firstSeq - b.firstSeq))
      if (row.firstSeq > after && row.firstSeq <= upTo) addBreaches(counts, row.breaches);
    return counts;
  }

  #take({ firstSeq, committedAt }: Commit, breach: Breach): void {
    const found = this.#found.get(firstSeq) ?? { row: { firstSeq, breaches: {} }, reports: [] };
    this.#found.set(firstSeq, found);
    addBreaches(found.row.breaches, { [breach.invariant]: { count: 1, last: keptOf(breach, committedAt) } });
    const { [SEEN_SEQ]: seq, [SEEN_HASH]: hash } = breach.evidence;
    if (typeof seq === 'number' && typeof hash === 'string') found.row.seen ??= { seq, hash };
    found.reports.push(breach);
  }
}

/** Once balances of a chain are no sums any more, what its rows say can look like an old balance by chance. */
function hasBreachedBalances(rows: readonly BreachRow[]): boolean {
  return rows.some(({ breaches }) => breaches.DERIVED_BALANCES);
}
