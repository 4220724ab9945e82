import type { Sha256 } from '../../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Commit, Journal } from '../../journal/port.ts';
import { cursorKey } from '../keys.ts';
import type { ProjectionMonitor } from '../monitor/breach.ts';
import { keepSpoilt } from '../monitor/spoilt-commits.ts';
import type { ViewStore } from '../port.ts';
import { ChainCache } from './chain-cache.ts';
import { commitsAfter } from './commit-source.ts';
import { type Cursor, initialCursor } from './cursor.ts';
import { Round } from './round.ts';
import { UnreadableCommitError } from './verified-commit.ts';

/**
 * Events of one write round. More coalesce better; and no round waits longer than this for what it has to read, which is some
 * 400 bytes an event, so some 250 MB if all chains of a batch did at once.
 */
const ROUND_MAX_EVENTS = 40_000;

/**
 * Age of a commit from which on a chain counts as behind: twice the window of the stream. A batch of the stream ends at 6 MB,
 * so what a busy ledger has written since would come in many batches, and each would write the same rows again. A chain that
 * is behind is read from the journal beyond what it was handed, a round at most; the records of that are skipped when they come.
 */
const BEHIND_MS = 2_000;

/** Times that somebody else may move a cursor first, in one round. */
const ADVANCE_MAX_ATTEMPTS = 5;

export interface ProjectorOptions {
  journal: Journal;
  store: ViewStore;
  sha256: Sha256;
  monitor: ProjectionMonitor;
  /** Milliseconds since the epoch. */
  now: () => number;
  cache?: ChainCache;
  roundMaxEvents?: number;
}

/** A call to project a chain. */
export interface ChainCall {
  ref: ChainRef;
  /** Commits that the stream delivered, in any order, some perhaps more than once, some perhaps missing. */
  images: readonly Commit[];
  /** Seq to reach; Infinity for all that the journal holds. */
  target: number;
  /** The chain's cursor as it was just read. */
  cursor: Cursor;
}

export interface ChainProjector {
  /** Reads the cursors of chains, all at once. */
  cursorsOf(refs: readonly ChainRef[]): Promise<Cursor[]>;
  /** @returns the cursor that the chain has now */
  project(call: ChainCall): Promise<Cursor>;
}

/**
 * Makes the projector of chains. A call brings the views of a chain to its target, or as far as the journal reaches: rows
 * first, then the cursor, round by round, so that after a fault a later call resumes and writes the same rows again.
 *
 * The stream calls for a chain from one place at a time. Should two projectors meet all the same (a shard being split, an
 * invocation given up for dead), the one that finds the cursor moved may have put older rows over newer ones: it goes on
 * from its own position until it has caught up with the cursor, which puts all of them right again.
 */
export function createChainProjector(options: ProjectorOptions): ChainProjector {
  const { journal, store, sha256, monitor, now } = options;
  const cache = options.cache ?? new ChainCache();
  const roundMaxEvents = options.roundMaxEvents ?? ROUND_MAX_EVENTS;

  const cursorsOf = async (refs: readonly ChainRef[]): Promise<Cursor[]> => {
    const cursors = await store.get(refs.map(cursorKey));
    return refs.map((ref, index) => cursors[index] ?? initialCursor(ref, sha256));
  };

  const keepUnreadable = async (error: unknown, ref: ChainRef): Promise<void> => {
    if (!(error instanceof UnreadableCommitError)) return;
    const reason = 'A commit cannot be read: the views of its chain end before it';
    const commit = { ref, firstSeq: error.seq, reason, evidence: {}, at: new Date(now()).toISOString() };
    await keepSpoilt(store, [commit], (breach) => monitor.breach(breach));
  };

  const project = async ({ ref, images, target, cursor: start }: ChainCall): Promise<Cursor> => {
    let cursor = start;
    let stored = start;
    if (target <= stored.seq) return stored;
    const key = cursorKey(ref);
    const rows = cache.take(ref, cursor);
    const report = monitor.breach.bind(monitor);
    const finish = async (round: Round): Promise<void> => {
      await round.write();
      cursor = rows.cursor;
      for (let attempt = 1; cursor.seq > stored.seq; attempt += 1) {
        if (attempt > ADVANCE_MAX_ATTEMPTS)
          throw new Error(`Cannot move the cursor of ${fullChainName(ref)}: others keep moving it`);
        stored = (await store.advance({ key, from: stored.seq, to: cursor }))
          ? cursor
          : ((await cursorsOf([ref]))[0] ?? stored);
      }
      const lagMs = Math.max(0, now() - Date.parse(cursor.committedAt));
      monitor.projected({ tenantId: ref.tenantId, chain: ref.chain, events: round.events, lagMs });
    };

    const aim = (): number => Math.max(target, stored.seq);
    const behindSince = now() - BEHIND_MS;
    let beyond = images.some((image) => image.lastSeq > start.seq && Date.parse(image.committedAt) < behindSince);
    let before: number;
    do {
      before = cursor.seq;
      let round = new Round({ rows, store, report });
      const reach = beyond ? () => Infinity : aim;
      const commits = commitsAfter({ ref, position: cursor, images, target: reach, journal, sha256 });
      let unreadable: { error: unknown } | undefined;
      for await (const verified of untilFault(commits, (error) => void (unreadable = { error }))) {
        round.take(verified);
        if (round.events < roundMaxEvents) continue;
        await finish(round);
        round = new Round({ rows, store, report });
        if (beyond && cursor.seq >= aim()) break;
      }
      if (round.events > 0) await finish(round);
      if (unreadable) await keepUnreadable(unreadable.error, ref);
      // What was wanted is there; who rings for what lies beyond is told of the fault.
      if (unreadable && cursor.seq < aim()) throw unreadable.error;
      beyond = false;
    } while (cursor.seq < aim() && cursor.seq > before);

    cache.put(rows);
    return stored;
  };
  return { cursorsOf, project };
}

/** Ends where reading fails, and tells of the fault, so that the sound commits before it are not lost with it. */
async function* untilFault<Item>(source: AsyncIterable<Item>, onFault: (error: unknown) => void): AsyncGenerator<Item> {
  try {
    yield* source;
  } catch (error) {
    onFault(error);
  }
}
