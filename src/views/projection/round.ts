import type { Breach } from '../monitor/breach.ts';
import { CommitMonitor } from '../monitor/commit-monitor.ts';
import type { OldRows } from '../monitor/old-rows.ts';
import { RoundBreaches } from '../monitor/round-breaches.ts';
import { addBreaches } from '../monitor/watch.ts';
import type { ViewStore } from '../port.ts';
import { REDUCERS } from '../reducers.ts';
import type { ChainRows } from './chain-rows.ts';
import type { VerifiedCommit } from './verified-commit.ts';

/**
 * A round of projecting some commits of a chain: folds their events in memory and writes each changed row once. Commits are
 * folded as they come while the rows they touch are in memory; from the first that touches others on they wait, so that all
 * these rows are read at once.
 */
export class Round {
  readonly #rows: ChainRows;
  readonly #store: ViewStore;
  readonly #areOld: OldRows;
  readonly #monitor: CommitMonitor;
  readonly #breaches: RoundBreaches;
  readonly #report: (breach: Breach) => void;
  readonly #waiting: VerifiedCommit[] = [];
  #last: VerifiedCommit | undefined;
  /** Events taken. */
  events = 0;

  /** @param options.rows the chain's rows as far as they are known; brought up to date, and of no use after a fault */
  constructor(options: { rows: ChainRows; store: ViewStore; areOld: OldRows; report: (breach: Breach) => void }) {
    this.#rows = options.rows;
    this.#store = options.store;
    this.#areOld = options.areOld;
    this.#breaches = new RoundBreaches(options.rows.ref);
    this.#monitor = new CommitMonitor(options.rows, this.#breaches);
    this.#report = options.report;
  }

  take(verified: VerifiedCommit): void {
    this.#last = verified;
    this.events += verified.events.length;
    const { firstSeq } = verified.commit;
    for (const event of verified.events) for (const reducer of REDUCERS) reducer.want(this.#rows, event, firstSeq);
    if (this.#waiting.length > 0 || !this.#rows.complete) this.#waiting.push(verified);
    else this.#fold(verified);
  }

  /** Writes what has changed. The rows' cursor then stands after the last commit; the stored one is left to the caller. */
  async write(): Promise<void> {
    if (!this.#last) return;
    if (this.#waiting.length > 0) await this.#rows.load(this.#store);
    for (const verified of this.#waiting) this.#fold(verified);
    await this.#settle(this.#last.commit.lastSeq);
    this.#rows.moveTo(this.#last.commit);
    const { sealed, changed } = this.#rows.takeChanges();
    // A row that holds an event vouches for the sealed rows that this event filled, so those go first.
    await this.#store.put(sealed);
    await this.#store.put(changed);
  }

  /** Keeps what the monitor has found, before any row takes the events in. */
  async #settle(upTo: number): Promise<void> {
    const { ref, watch, cursor } = this.#rows;
    const found = await this.#breaches.settle(this.#store, {
      after: cursor.seq,
      upTo,
      report: this.#report,
      areOld: (claims) => this.#areOld(ref, claims),
    });
    if (Object.keys(found).length > 0) addBreaches((watch.breaches ??= {}), found);
  }

  #fold({ commit, events, fault }: VerifiedCommit): void {
    this.#monitor.beginCommit(commit);
    if (fault) this.#monitor.broken(fault);
    for (const event of events) {
      this.#monitor.look(event);
      for (const reducer of REDUCERS) reducer.apply(this.#rows, event, commit.firstSeq);
    }
    this.#monitor.endCommit();
  }
}
