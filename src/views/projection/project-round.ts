import type { ChainEvent } from '../../contract/events.ts';
import type { Breach } from '../monitor/breach.ts';
import { CommitMonitor } from '../monitor/commit-monitor.ts';
import type { ViewStore } from '../port.ts';
import { REDUCERS } from '../reducers.ts';
import type { ChainRows } from './chain-rows.ts';
import type { VerifiedCommit } from './verified-commit.ts';

/**
 * Projects some commits of a chain: loads the rows they touch, folds all events in memory, writes each changed row once.
 * The stored cursor is left to the caller, who moves it after this has returned.
 * @param rows the chain's rows as far as they are known; brought up to date, cursor included, and of no use after a fault
 */
export async function projectRound(options: {
  rows: ChainRows;
  commits: readonly VerifiedCommit[];
  store: ViewStore;
  report: (breach: Breach) => void;
}): Promise<void> {
  const { rows, commits, store, report } = options;
  for (const { commit, events } of commits) for (const event of events) want(rows, event, commit.firstSeq);
  await rows.load(store);

  const monitor = new CommitMonitor({ rows, report });
  for (const verified of commits) fold(rows, verified, monitor);
  const last = commits.at(-1);
  if (last) rows.moveTo(last.commit);

  const { sealed, changed } = rows.takeChanges();
  // A row that holds an event vouches for the sealed rows that this event filled, so those go first.
  await store.put(sealed);
  await store.put(changed);
}

function want(rows: ChainRows, event: ChainEvent, commitFirstSeq: number): void {
  for (const reducer of REDUCERS) reducer.want(rows, event, commitFirstSeq);
}

function fold(rows: ChainRows, { commit, events, fault }: VerifiedCommit, monitor: CommitMonitor): void {
  if (fault !== undefined) monitor.broken(commit.firstSeq, fault);
  for (const event of events) {
    monitor.look(event);
    for (const reducer of REDUCERS) reducer.apply(rows, event, commit.firstSeq);
  }
  monitor.endCommit();
}
