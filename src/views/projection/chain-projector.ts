import type { Sha256 } from '../../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { type Commit, isUnavailable, type Journal } from '../../journal/port.ts';
import { cursorKey } from '../keys.ts';
import type { ProjectionMonitor } from '../monitor/breach.ts';
import { createOldRows } from '../monitor/old-rows.ts';
import { keepSpoilt } from '../monitor/spoilt-commits.ts';
import type { ViewStore } from '../port.ts';
import { ChainCache } from './chain-cache.ts';
import { createChainOutput } from './chain-output.ts';
import { commitsAfter } from './commit-source.ts';
import { type Cursor, initialCursor } from './cursor.ts';
import { leaveDoubt } from './doubt.ts';
import {
  type FencedCursor,
  fenceOf,
  handOf,
  handedOver,
  isHeld,
  StaleRowError,
  takenOver,
  underFence,
} from './fence.ts';
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
 * invocation given up for dead), only one of them has the chain in hand: whoever comes to a chain that he did not leave himself,
 * with nothing on its way, takes it before he writes a row, by another fence of its cursor. Moves of the cursor that others
 * still have on their way, dead or alive, are refused by that. Who finds that the chain was taken from him has written rows that
 * may be older than those they replaced: he leaves a doubt in the fence, as does who finds the chain rebuilt, or a row older than it
 * should be. A chain in doubt is rebuilt. Who cannot reach the table does so before he touches the chain again.
 */
export function createChainProjector(options: ProjectorOptions): ChainProjector {
  const { journal, store, sha256, monitor, now } = options;
  const cache = options.cache ?? new ChainCache();
  const roundMaxEvents = options.roundMaxEvents ?? ROUND_MAX_EVENTS;
  const areOld = createOldRows(journal);
  /** Words that were to be left in fences while the table could not be reached. */
  const unsaid = new Map<string, () => Promise<void>>();
  /** How this process has left the cursors of chains, with nothing on its way; others may have taken them since. */
  const left = new Map<string, string>();

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

  /** @returns whether the journal may hold events after a cursor */
  const isBehind = async ({ ref, target }: ChainCall, { seq }: FencedCursor): Promise<boolean> => {
    if (target !== Infinity) return seq < target;
    try {
      return seq < ((await journal.lastCommit(ref))?.lastSeq ?? 0);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      return true; // there is something, be it unreadable
    }
  };

  /**
   * Takes a chain in hand.
   * @returns the cursor under whose fence rows are written from now on; not in hand where there is nothing to do, or a rebuild has it
   */
  const take = async (call: ChainCall, start: FencedCursor): Promise<{ cursor: FencedCursor; isInHand: boolean }> => {
    const { ref, target } = call;
    const name = fullChainName(ref);
    const own = left.get(name);
    left.delete(name); // so that whoever comes meanwhile takes it, and after a fault this process too
    let cursor = start;
    for (let attempt = 1; attempt <= ADVANCE_MAX_ATTEMPTS; attempt += 1) {
      const fence = fenceOf(cursor);
      const isOurs = own !== undefined && own === placeOf(cursor);
      if (target <= cursor.seq || isHeld(fence, now()) || (!isOurs && !(await isBehind(call, cursor)))) {
        if (isOurs) left.set(name, own);
        return { cursor, isInHand: false };
      }
      if (isOurs) return { cursor, isInHand: true };
      // Whoever held it for a rebuild is gone.
      const taken = underFence(cursor, takenOver(fence.held ? handedOver(fence) : fence));
      if (await advance(ref, cursor, taken)) return { cursor: taken, isInHand: true };
      cursor = await cursorOf(ref);
    }
    throw new Error(`Cannot take ${name} in hand: others keep moving its cursor, or its row is damaged`);
  };

  const project = async (call: ChainCall): Promise<FencedCursor> => {
    const { ref, images, target } = call;
    let start = call.cursor;
    const word = unsaid.get(fullChainName(ref));
    if (word) {
      await say(ref, word);
      start = await cursorOf(ref);
    }
    const { cursor: begun, isInHand } = await take(call, start);
    if (!isInHand) return begun;
    let stored = begun;
    const rows = cache.take(ref, stored);
    const output = createChainOutput(store, fenceOf(stored));
    const report = monitor.breach.bind(monitor);
    /** Whether rows, or a move of the cursor, may be on their way. */
    let isWriting = false;

    const moveTo = async (cursor: Cursor): Promise<void> => {
      for (let attempt = 1; attempt <= ADVANCE_MAX_ATTEMPTS; attempt += 1) {
        const to = underFence(cursor, output.fence);
        const moved = (await advance(ref, stored, to)) ? to : await cursorOf(ref);
        if (handOf(fenceOf(moved)) !== handOf(output.fence)) throw new OvertakenError(ref);
        stored = moved;
        output.fence = fenceOf(moved);
        // Also refused is what was written before its answer was lost; else a doubt was left meanwhile, or settled.
        if (moved.seq === cursor.seq) return;
      }
      throw new Error(`Cannot move the cursor of ${fullChainName(ref)}: others keep moving it`);
    };

    const finish = async (round: Round): Promise<void> => {
      isWriting = true;
      await round.write();
      await moveTo(rows.cursor);
      isWriting = false;
      const lagMs = Math.max(0, now() - Date.parse(stored.committedAt));
      monitor.projected({ tenantId: ref.tenantId, chain: ref.chain, events: round.events, lagMs });
    };

    const fold = async (): Promise<void> => {
      const behindSince = now() - BEHIND_MS;
      const beyond = images.some((image) => image.lastSeq > begun.seq && Date.parse(image.committedAt) < behindSince);
      let round = new Round({ rows, store: output, areOld, report });
      const commits = commitsAfter({
        ref,
        position: stored,
        images,
        target: beyond ? Infinity : target,
        journal,
        sha256,
      });
      let unreadable: { error: unknown } | undefined;
      for await (const verified of untilFault(commits, (error) => void (unreadable = { error }))) {
        round.take(verified);
        if (round.events < roundMaxEvents) continue;
        await finish(round);
        round = new Round({ rows, store: output, areOld, report });
        if (beyond && stored.seq >= target) break;
      }
      if (round.events > 0) await finish(round);
      if (unreadable) await keepUnreadable(unreadable.error, ref);
      // What was wanted is there; who rings for what lies beyond is told of the fault.
      if (unreadable && stored.seq < target) throw unreadable.error;
    };

    try {
      await fold();
    } catch (error) {
      if (error instanceof OvertakenError) {
        await say(ref, () => leaveDoubt(options, ref));
        const cursorNow = await cursorOf(ref);
        if (isHeld(fenceOf(cursorNow), now())) return cursorNow;
        throw error;
      }
      // Rows that lie ahead of the cursor do no harm, as long as nobody else has the chain in hand. What of them is still on its way is
      // taken to arrive before others have written the same rows: see "Who may write a chain's rows" in docs/concepts/architecture.md.
      const leaveWord = async (): Promise<void> => {
        const isTaken = async () => handOf(fenceOf(await cursorOf(ref))) !== handOf(output.fence);
        if (error instanceof StaleRowError || (isWriting && (await isTaken()))) await leaveDoubt(options, ref);
      };
      await say(ref, leaveWord).catch(() => undefined); // a table that cannot be reached is what the error tells already
      if (!isWriting) left.set(fullChainName(ref), placeOf(stored));
      throw error;
    }
    left.set(fullChainName(ref), placeOf(stored));
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

/** @returns where a cursor stands, and who put it there */
function placeOf(cursor: FencedCursor): string {
  return `${handOf(fenceOf(cursor))} ${cursor.seq}`;
}

/** Ends where reading fails, and tells of the fault, so that the sound commits before it are not lost with it. */
async function* untilFault<Item>(source: AsyncIterable<Item>, onFault: (error: unknown) => void): AsyncGenerator<Item> {
  try {
    yield* source;
  } catch (error) {
    onFault(error);
  }
}
