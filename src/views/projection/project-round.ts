import type { ChainRef } from '../../core/chain/name.ts';
import { cursorKey, ledgerKey, listPageKey } from '../keys.ts';
import { LIST_KINDS, LIST_PAGE_IDS } from '../lists/list-page.ts';
import type { Breach } from '../monitor/breach.ts';
import { CommitMonitor } from '../monitor/commit-monitor.ts';
import type { ViewStore } from '../port.ts';
import type { Place } from '../reducer.ts';
import { REDUCERS } from '../reducers.ts';
import { type RowKey, keyText } from '../row.ts';
import type { Cursor } from './cursor.ts';
import type { VerifiedCommit } from './verified-commit.ts';
import { WorkingRows } from './working-rows.ts';

/**
 * Projects some commits of a chain: loads the rows they touch, folds all events in memory, writes each changed row once.
 * The cursor is left to the caller, who moves it after this has returned.
 * @param rows the chain's rows as far as they are known; brought up to date
 * @returns the cursor after the last commit
 */
export async function projectRound(options: {
  ref: ChainRef;
  cursor: Cursor;
  rows: Map<string, unknown>;
  commits: readonly VerifiedCommit[];
  store: ViewStore;
  report: (breach: Breach) => void;
}): Promise<Cursor> {
  const { ref, cursor, rows, commits, store, report } = options;
  rows.set(keyText(cursorKey(ref)), cursor);
  await load({ keys: keysOf(ref, cursor, commits), rows, store });

  const working = new WorkingRows(rows);
  for (const verified of commits) fold({ ref, verified, working, report });
  const moved = working.get(cursorKey(ref)) ?? cursor;
  const last = commits.at(-1)?.commit;
  const next: Cursor = last
    ? { ...moved, seq: last.lastSeq, hash: last.headHash, committedAt: last.committedAt }
    : moved;

  const changed = [...working.changed().values()].filter((row) => row.key.pk !== cursorKey(ref).pk);
  // A row that holds an event vouches for the sealed rows that this event filled, so those go first.
  await store.put(working.sealed());
  await store.put(changed);
  for (const { key, doc } of changed) rows.set(keyText(key), doc);
  return next;
}

function fold(options: {
  ref: ChainRef;
  verified: VerifiedCommit;
  working: WorkingRows;
  report: (breach: Breach) => void;
}): void {
  const { ref, verified, working, report } = options;
  const place = placeOf(ref, verified);
  if (verified.fault !== undefined) {
    report({ invariant: 'HASH_CHAIN', ...ref, seq: place.commitFirstSeq, reason: verified.fault, evidence: {} });
  }
  const monitor = new CommitMonitor({ place, rows: working, report });
  for (const event of verified.events) {
    monitor.look(event);
    for (const reducer of REDUCERS) reducer.apply(working, event, place);
  }
  monitor.end();
}

function placeOf(ref: ChainRef, verified: VerifiedCommit): Place {
  return { ...ref, commitFirstSeq: verified.commit.firstSeq };
}

/** The rows of a round: the chain's own, which any event may need, and those that the events name. */
function* keysOf(ref: ChainRef, cursor: Cursor, commits: readonly VerifiedCommit[]): Generator<RowKey> {
  for (const kind of LIST_KINDS) {
    if (cursor.counts[kind] % LIST_PAGE_IDS > 0) {
      yield listPageKey(ref, kind, Math.floor(cursor.counts[kind] / LIST_PAGE_IDS));
    }
  }
  for (let page = 0; page < cursor.ledgerRows; page += 1) yield ledgerKey(ref, page);
  for (const verified of commits) {
    const place = placeOf(ref, verified);
    for (const event of verified.events) for (const reducer of REDUCERS) yield* reducer.keys(event, place);
  }
}

async function load(options: { keys: Iterable<RowKey>; rows: Map<string, unknown>; store: ViewStore }): Promise<void> {
  const { rows, store } = options;
  const missing = new Map<string, RowKey>();
  for (const key of options.keys) {
    const text = keyText(key);
    if (!rows.has(text)) missing.set(text, key);
  }
  if (missing.size === 0) return;
  const docs = await store.get([...missing.values()]);
  [...missing.keys()].forEach((text, index) => rows.set(text, docs[index]));
}
