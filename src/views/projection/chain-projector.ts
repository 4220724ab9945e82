import type { Sha256 } from '../../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Commit, Journal } from '../../journal/port.ts';
import { cursorKey } from '../keys.ts';
import type { ProjectionMonitor } from '../monitor/breach.ts';
import { createOldRows } from '../monitor/old-rows.ts';
import { keepSpoilt } from '../monitor/spoilt-commits.ts';
import type { ViewStore } from '../port.ts';
import { ChainCache } from './chain-cache.ts';
import { createChainOutput } from './chain-output.ts';
import { commitsAfter } from './commit-source.ts';
import { initialCursor } from './cursor.ts';
import { leaveDoubt } from './doubt.ts';
import { type FencedCursor, fenceOf, handedOver, isHeld, StaleRowError, underFence } from './fence.ts';
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
const ADVANCE_MAX_ATTEMPTS = 20;

export interface ProjectorOptions {
  journal: Journal;
  store: ViewStore;
  sha256: Sha256;
  monitor: ProjectionMonitor;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Waits so many milliseconds. */
  sleep?: (ms: number) => Promise<unknown>;
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
  cursor: FencedCursor;
}

export interface ChainProjector {
  /** Reads the cursors of chains, all at once. */
  cursorsOf(refs: readonly ChainRef[]): Promise<FencedCursor[]>;
  /** @returns the cursor that the chain has now; where a rebuild holds the chain it is left as it is */
  project(call: ChainCall): Promise<FencedCursor>;
}

/**
 * Makes the projector of chains. A call brings the views of a chain to its target, or as far as the journal reaches: rows
 * first, then the cursor, round by round, so that after a fault a later call resumes and writes the same rows again.
 *
 * The stream calls for a chain from one place at a time. Should two projectors meet all the same (a shard being split, an
 * invocation given up for dead), the one that finds the cursor moved may have put older rows over newer ones. It goes on from
 * its own position until it has caught up with the cursor, which puts all of them right again, and moves the cursor under
 * another fence. Whoever wrote rows meanwhile finds his own move refused by that: his rows may lie under the older ones, or be
 * made from them. Both leave a doubt in the fence, as does who finds the chain rebuilt, or a row older than it should be: and a
 * chain in doubt is rebuilt. Who cannot reach the table does so before he touches the chain again.
 */
export function createChainProjector(options: ProjectorOptions): ChainProjector {
  const { journal, store, sha256, monitor, now } = options;
  const cache = options.cache ?? new ChainCache();
  const roundMaxEvents = options.roundMaxEvents ?? ROUND_MAX_EVENTS;
  const areOld = createOldRows(journal);
  /** Words that were to be left in fences while the table could not be reached. */
  const unsaid = new Map<string, () => Promise<void>>();

  const cursorsOf = async (refs: readonly ChainRef[]): Promise<FencedCursor[]> => {
    const cursors: (FencedCursor | undefined)[] = await store.get(refs.map(cursorKey));
    return refs.map((ref, index) => cursors[index] ?? initialCursor(ref, sha256));
  };
  const cursorOf = async (ref: ChainRef): Promise<FencedCursor> =>
    (await cursorsOf([ref]))[0] ?? initialCursor(ref, sha256);

  const advance = (ref: ChainRef, from: FencedCursor, to: FencedCursor): Promise<boolean> =>
    store.advance({ key: cursorKey(ref), from: from.seq, fence: from.fence, to });

  const keepUnreadable = async (error: unknown, ref: ChainRef): Promise<void> => {
    if (!(error instanceof UnreadableCommitError)) return;
    const reason = 'A commit cannot be read: the views of its chain end before it';
    const commit = { ref, firstSeq: error.seq, reason, evidence: {}, at: new Date(now()).toISOString() };
    await keepSpoilt(store, [commit], (breach) => monitor.breach(breach));
  };

  /** Leaves word in the fence of a chain: now, or before this process touches the chain again. */
  const say = async (ref: ChainRef, word: () => Promise<void>): Promise<void> => {
    try {
      await word();
      unsaid.delete(fullChainName(ref));
    } catch (cause) {
      unsaid.set(fullChainName(ref), word);
      throw cause;
    }
  };

  const project = async (call: ChainCall): Promise<FencedCursor> => {
    const { ref, images, target } = call;
    let start = call.cursor;
    const word = unsaid.get(fullChainName(ref));
    if (word) {
      await say(ref, word);
      start = await cursorOf(ref);
    }
    let stored = start;
    if (target <= stored.seq || isHeld(fenceOf(stored), now())) return stored;
    if (fenceOf(stored).held) {
      // Whoever held the chain is gone: from here on it is refused what it may still try.
      const freed = underFence(stored, handedOver(fenceOf(stored)));
      if (!(await advance(ref, stored, freed))) return cursorOf(ref);
      stored = freed;
    }
    let cursor: FencedCursor = stored;
    const rows = cache.take(ref, stored);
    const output = createChainOutput(store, fenceOf(stored));
    const report = monitor.breach.bind(monitor);
    /** Whether rows were put that may be older than those they replaced. */
    let overtaken = false;
    /** Whether somebody else may have read such rows. */
    let suspect = false;
    /** The cursor as it is to be after the move that was tried last. */
    let tried: FencedCursor | undefined;

    const finish = async (round: Round): Promise<void> => {
      await round.write();
      cursor = rows.cursor;
      for (let attempt = 1; ; attempt += 1) {
        const to = underFence(
          cursor,
          overtaken ? { ...handedOver(output.fence), ...(suspect && { doubt: true }) } : output.fence,
        );
        if (cursor.seq >= stored.seq) tried = to;
        if (cursor.seq >= stored.seq && (await advance(ref, stored, to))) {
          tried = undefined;
          stored = to;
          output.fence = fenceOf(to);
          output.moved();
          overtaken = false;
          suspect = false;
          break;
        }
        const moved = await cursorOf(ref);
        tried = undefined;
        // Among the rows in memory may be some that were read while they were wrong.
        if (fenceOf(moved).generation !== output.fence.generation) throw new OvertakenError(ref);
        if (attempt === ADVANCE_MAX_ATTEMPTS)
          throw new Error(`Cannot move the cursor of ${fullChainName(ref)}: others keep moving it`);
        // Only a doubt was left, or settled: nobody has had the rows in hand.
        const isWord = moved.seq === stored.seq && moved.hash === stored.hash && !isSame(moved, stored);
        stored = moved;
        output.fence = fenceOf(moved);
        if (isWord && cursor.seq >= stored.seq) continue;
        overtaken = true;
        // If it stands where it was to be moved, that may have been done before the answer was lost.
        suspect ||= !isSame(moved, to);
        if (cursor.seq < stored.seq) break; // the rounds that follow write what is newer by then
        await output.again();
      }
      const lagMs = Math.max(0, now() - Date.parse(cursor.committedAt));
      monitor.projected({ tenantId: ref.tenantId, chain: ref.chain, events: round.events, lagMs });
    };

    const aim = (): number => Math.max(target, stored.seq);
    const behindSince = now() - BEHIND_MS;
    let beyond = images.some((image) => image.lastSeq > start.seq && Date.parse(image.committedAt) < behindSince);
    const fold = async (): Promise<void> => {
      let before: number;
      do {
        before = cursor.seq;
        let round = new Round({ rows, store: output, areOld, report });
        const reach = beyond ? () => Infinity : aim;
        const commits = commitsAfter({ ref, position: cursor, images, target: reach, journal, sha256 });
        let unreadable: { error: unknown } | undefined;
        for await (const verified of untilFault(commits, (error) => void (unreadable = { error }))) {
          round.take(verified);
          if (round.events < roundMaxEvents) continue;
          await finish(round);
          round = new Round({ rows, store: output, areOld, report });
          if (beyond && cursor.seq >= aim()) break;
        }
        if (round.events > 0) await finish(round);
        if (unreadable) await keepUnreadable(unreadable.error, ref);
        // What was wanted is there; who rings for what lies beyond is told of the fault.
        if (unreadable && cursor.seq < aim()) throw unreadable.error;
        beyond = false;
      } while (cursor.seq < aim() && cursor.seq > before);
    };

    try {
      await fold();
      if (overtaken)
        throw new Error(`Cannot catch up with the cursor of ${fullChainName(ref)}: the journal ends before it`);
    } catch (error) {
      if (error instanceof OvertakenError) {
        await say(ref, () => leaveDoubt(options, ref));
        const cursorNow = await cursorOf(ref);
        if (isHeld(fenceOf(cursorNow), now())) return cursorNow;
        throw error;
      }
      // Rows that lie ahead of the cursor do no harm, as long as nobody has moved it since they were begun.
      const leaveWord = async (): Promise<void> => {
        const current = await cursorOf(ref);
        // Only the answer was lost: whoever stands where the cursor was to be moved has written the same rows.
        if (tried && isSame(current, tried)) return;
        const isMoved = output.hasWritten && !isSame(current, stored);
        if (overtaken || isMoved || error instanceof StaleRowError) return leaveDoubt(options, ref);
        // A move that nobody knows of may still be on its way, past rows that others write meanwhile: it is to find another fence.
        if (tried && !(await advance(ref, current, underFence(current, handedOver(fenceOf(current))))))
          throw new Error(`Cannot keep a late move of the cursor of ${fullChainName(ref)} away: it has moved`, {
            cause: error,
          });
      };
      await say(ref, leaveWord).catch(() => undefined); // a table that cannot be reached is what the error tells already
      throw error;
    }
    cache.put(rows, stored);
    return stored;
  };
  return { cursorsOf, project };
}

/** Others have had the rows of the chain in hand while a round of it was being written. */
class OvertakenError extends Error {
  constructor(ref: ChainRef) {
    super(`Others have had the rows of ${fullChainName(ref)} in hand meanwhile`);
    this.name = 'OvertakenError';
  }
}

function isSame(one: FencedCursor, other: FencedCursor): boolean {
  return one.seq === other.seq && JSON.stringify(one.fence) === JSON.stringify(other.fence);
}

/** Ends where reading fails, and tells of the fault, so that the sound commits before it are not lost with it. */
async function* untilFault<Item>(source: AsyncIterable<Item>, onFault: (error: unknown) => void): AsyncGenerator<Item> {
  try {
    yield* source;
  } catch (error) {
    onFault(error);
  }
}
