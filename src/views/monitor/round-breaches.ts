import type { ChainRef } from '../../core/chain/name.ts';
import type { Commit } from '../../journal/port.ts';
import { breachKey, breachesPartition } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import type { Breach } from './breach.ts';
import { addBreaches, type BreachCounts, keptOf } from './watch.ts';

/** What was found in a commit: pk `<tenant>#breaches#<chain>`, sk the commit's first event. Written once, by whoever finds it first. */
export interface BreachRow {
  firstSeq: number;
  breaches: BreachCounts;
}

/**
 * What the monitor finds in the commits of a round. It is kept in rows of its own before any row of the views is written: a row
 * that holds an event no longer shows what was wrong with it, so a round that comes again takes from there what the round
 * before it has found. Without a breach nothing is read or written.
 */
export class RoundBreaches {
  readonly #ref: ChainRef;
  readonly #found = new Map<number, { row: BreachRow; reports: Breach[] }>();
  /** Whether there was an event that a row held already: somebody has looked at it before. */
  seenBefore = false;

  constructor(ref: ChainRef) {
    this.#ref = ref;
  }

  add({ firstSeq, committedAt }: Commit, breach: Breach): void {
    const found = this.#found.get(firstSeq) ?? { row: { firstSeq, breaches: {} }, reports: [] };
    this.#found.set(firstSeq, found);
    addBreaches(found.row.breaches, { [breach.invariant]: { count: 1, last: keptOf(breach, committedAt) } });
    found.reports.push(breach);
  }

  /**
   * Keeps what was found, and reports what nobody had kept before.
   * @param range the events of the round: after one, up to another
   * @returns all breaches in the round's commits, also those that only an earlier attempt could see
   */
  async settle(
    store: ViewStore,
    options: { after: number; upTo: number; report: (breach: Breach) => void },
  ): Promise<BreachCounts> {
    if (this.#found.size === 0 && !this.seenBefore) return {};
    const { after, upTo, report } = options;
    const kept = (await store.list(breachesPartition(this.#ref))).map(({ doc }) => doc as BreachRow); // it holds nothing else
    const rows = new Map(kept.map((row) => [row.firstSeq, row]));
    const fresh = [...this.#found].filter(([firstSeq]) => !rows.has(firstSeq));
    for (const [, { reports }] of fresh) for (const breach of reports) report(breach);
    await store.put(fresh.map(([firstSeq, { row }]) => ({ key: breachKey(this.#ref, firstSeq), doc: row })));
    for (const [firstSeq, { row }] of fresh) rows.set(firstSeq, row);
    const counts: BreachCounts = {};
    for (const row of [...rows.values()].sort((a, b) => a.firstSeq - b.firstSeq))
      if (row.firstSeq > after && row.firstSeq <= upTo) addBreaches(counts, row.breaches);
    return counts;
  }
}
