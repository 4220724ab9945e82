import type { Sha256 } from '../../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Journal } from '../../journal/port.ts';
import { chunksOf } from '../in-parallel.ts';
import type { Breach } from '../monitor/breach.ts';
import { createChainProjector } from '../projection/chain-projector.ts';
import type { FencedCursor } from '../projection/fence.ts';
import { UnreadableCommitError } from '../projection/verified-commit.ts';
import { type Hold, holdChain } from './hold.ts';
import { lostEvents, refuseChanged, refuseLost } from './lost-events.ts';
import type { RebuildStore } from './port.ts';
import { placeOf } from './row-place.ts';
import { createShadow, type Shadow } from './shadow-store.ts';

/** Rows written between two looks at the clock: four requests at a time. */
const ROWS_AT_ONCE = 100;
/** Events after which a shadow's projection forgets the rows that it has in memory: some 100 MB if each is of another account. */
const PORTION_EVENTS = 80_000;
/** A shadow that is behind by so few events is as good as up to date: the rest follows when the chain is held. */
const NEAR_EVENTS = 2_000;
/** Times that a chain in hand may be lost, or fall into doubt, in one step. */
const MAX_ATTEMPTS = 10;

export interface RebuildOptions {
  journal: Journal;
  store: RebuildStore;
  sha256: Sha256;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Waits so many milliseconds. */
  sleep: (ms: number) => Promise<unknown>;
  /** Told of breaches that the journal's events show. Some may have been told when they were new: nobody knows that any more. */
  breach: (breach: Breach) => void;
  /** Events of one write round of the shadow. */
  roundMaxEvents?: number;
}

export interface ChainStep {
  ref: ChainRef;
  /** Names the rebuild; the same one goes on where it was. */
  run: string;
  /** Time after which the step ends as soon as it can, in milliseconds since the epoch. */
  untilMs: number;
  /** Where to go on with writing the rows over the old ones: what the step before gave. */
  from?: string | undefined;
  /** Whether the views are rebuilt even where they know more than the journal, which deletes that. */
  discard?: boolean | undefined;
}

export interface ChainProgress {
  done: boolean;
  /** Events projected in this step. */
  events: number;
  /** Rows written over the old ones in this step. */
  rows: number;
  /** For the next step; absent where it begins anew with what the shadow holds. */
  from?: string;
  /** Under which the rows of a chain that is done were written; absent where there are none. */
  generation?: number;
}

/**
 * Rebuilds the views of one chain, or a part of the way to it:
 * 1. A projection of its own writes all rows from the journal into a shadow. The real views go on living meanwhile.
 * 2. The chain is held: under the new fence no round that began before can move the cursor, and none begins.
 * 3. The rows of the shadow are written over the real ones. Queries see the old ones, then the new.
 * 4. The cursor of the shadow takes the place of the real one, and the chain is let go.
 * Rows that are in the views and not in the shadow are left to `sweepOut`. A step may end or die anywhere, and the next goes
 * on; if none comes, projections go on by themselves from where the chain was taken.
 * @throws EventsLostError where the journal has lost events that the views know of, unless these are to be discarded
 */
export async function rebuildChain(options: RebuildOptions, step: ChainStep): Promise<ChainProgress> {
  const { journal, now } = options;
  const { ref, untilMs } = step;
  const shadow = createShadow(options.store, step);
  const count = { events: 0, rows: 0 };
  let unreadable: UnreadableCommitError | undefined;
  const onFault = (error: UnreadableCommitError) => void (unreadable = error);
  const knownSeq = step.discard ? 0 : await refuseLost(options, ref);
  /** @param heldSeq how far the views of the chain in hand are */
  const project = async (from: Journal, heldSeq = 0) => {
    const cursor = await projectShadow({ ...options, journal: from, shadow, ref, count, onFault });
    if (!step.discard)
      await refuseChanged({ ...options, shadow }, ref, { cursor, knownSeq: Math.max(knownSeq, heldSeq) });
    return cursor;
  };
  const isOver = () => now() >= untilMs;

  let from = step.from;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (from === undefined) {
      let behind: number;
      do {
        const { seq } = await project(portionOf(journal, isOver));
        const last = await journal.lastCommit(ref);
        if (!last) return { done: true, ...count }; // a chain without events has no rows
        behind = last.lastSeq - seq;
      } while (behind > NEAR_EVENTS && !isOver() && !unreadable);
      if (behind > 0 && isOver() && !unreadable) return { done: false, ...count };
    }
    const hold = await holdChain(options, step);
    if (!hold) return { done: false, ...count };
    try {
      const goesOn = from !== undefined && hold.isRenewed;
      // The rows are of one moment, from the first to the last, and no earlier one than those that they replace.
      const cursor = (goesOn && (await shadow.cursor(ref))) || (await project(journal, hold.seq));
      // What was projected before a commit was spoilt is better than what can be made now.
      if (unreadable && cursor.seq < hold.seq) throw unreadable;
      if (!step.discard && cursor.seq < hold.seq) throw lostEvents(ref, { seq: hold.seq, head: cursor.seq });
      const copied = await copyRows({
        ...options,
        hold,
        shadow,
        step: { ...step, from: goesOn ? from : undefined },
        count,
      });
      if (copied.from !== undefined) return { done: false, ...count, from: copied.from };
      if (copied.done && (await hold.release(cursor))) return { done: true, ...count, generation: hold.generation };
    } catch (error) {
      await hold.giveUp().catch(() => undefined); // else it is let go when its time is over
      throw error;
    }
    from = undefined;
  }
  throw new Error(`Cannot rebuild ${fullChainName(ref)}: others keep taking it`);
}

/** Takes into the shadow of a chain that was rebuilt what has come since. Breaches in that, projections tell. */
export async function extendShadow(
  options: RebuildOptions,
  { ref, run }: Pick<ChainStep, 'ref' | 'run'>,
): Promise<void> {
  const { journal, store } = options;
  const end = (await journal.lastCommit(ref))?.lastSeq ?? 0;
  const shadow = createShadow(store, { ref, run });
  let isUnreadable = false;
  const onFault = () => void (isUnreadable = true);
  const breach = () => undefined;
  const silent = { ...options, breach, shadow, ref, count: { events: 0 }, onFault };
  let [before, seq] = [0, 0];
  do {
    before = seq;
    ({ seq } = await projectShadow({ ...silent, journal: portionOf(journal, () => false) }));
  } while (seq < end && seq > before && !isUnreadable);
}

/** Brings the shadow up to the end of the journal, or to the first commit that cannot be read: there projections end too. */
async function projectShadow(
  options: RebuildOptions & {
    shadow: Shadow;
    ref: ChainRef;
    count: { events: number };
    onFault: (error: UnreadableCommitError) => void;
  },
): Promise<FencedCursor> {
  const { shadow, ref, count, breach, onFault } = options;
  const monitor = { projected: ({ events }: { events: number }) => void (count.events += events), breach };
  const projector = createChainProjector({ ...options, store: shadow, monitor });
  const [cursor] = await projector.cursorsOf([ref]);
  if (!cursor) throw new Error('Expected a cursor for each chain');
  try {
    return await projector.project({ ref, images: [], target: Infinity, cursor });
  } catch (error) {
    if (!(error instanceof UnreadableCommitError)) throw error;
    onFault(error);
    const [reached] = await projector.cursorsOf([ref]);
    return reached ?? cursor;
  }
}

/** Writes the rows of the shadow over the real ones: all but the cursor, and what is not made from events. */
async function copyRows(options: {
  store: RebuildStore;
  now: () => number;
  shadow: Shadow;
  hold: Hold;
  step: ChainStep;
  count: { rows: number };
}): Promise<{ done: boolean; from?: string }> {
  const { store, shadow, hold, step, now, count } = options;
  const { generation } = hold;
  let { from } = step;
  do {
    const { rows, next } = await shadow.page(from);
    const copied = rows.filter(({ key }) => placeOf(key).kind === 'chain');
    for (const isSealed of [true, false]) {
      const some = copied.filter(({ sealed }) => sealed === isSealed);
      for (const chunk of chunksOf(some, ROWS_AT_ONCE)) {
        if (!(await hold.keep())) return { done: false };
        await store.put(chunk.map(({ key, text }) => ({ key, doc: JSON.parse(text) as unknown, generation })));
        count.rows += chunk.length;
      }
    }
    from = next;
    if (from !== undefined && now() >= step.untilMs) return { done: false, from };
  } while (from !== undefined);
  return { done: true };
}

/** A part of the journal: one commit at least, and no more once the time is over or there is enough for a while. */
function portionOf(journal: Journal, isOver: () => boolean): Journal {
  let events = 0;
  return {
    ...journal,
    async *read(ref, options) {
      for await (const commit of journal.read(ref, options)) {
        if (events > 0 && (events >= PORTION_EVENTS || isOver())) return;
        events += commit.lastSeq - commit.firstSeq + 1;
        yield commit;
      }
    },
  };
}
