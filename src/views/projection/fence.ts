import type { Cursor } from './cursor.ts';

/**
 * Who may write the rows of a chain. It stands beside the document of the chain's cursor and is no part of the views: two
 * ledgers with the same journal have the same rows, whatever was done to mend them. Whoever moves the cursor names the fence
 * that he has read; under another one nothing is moved.
 */
export interface Fence {
  /** Counts the times that the chain's rows have changed hands. Each row says under which generation it was written. */
  generation: number;
  /** Generation of the last rebuild that was completed: a row of an earlier one is no row of this chain any more. 0 without one. */
  rebuilt: number;
  /** Counts the processes that have had the chain in hand under this generation, one after the other. Absent as long as none has. */
  taken?: number;
  /** A rebuild is replacing the rows: until then projections leave the chain alone. */
  held?: { run: string; untilMs: number };
  /** Somebody who was overtaken may have put old rows over new ones: the chain is to be rebuilt. */
  doubt?: true;
  /** The chain was in doubt when a rebuild took it: until late rows have been looked for, it is to be rebuilt all the same. */
  owed?: true;
}

/** A cursor as it is stored. */
export type FencedCursor = Cursor & { fence?: Fence };

/** The fence of a chain that has never changed hands. */
export const OPEN: Fence = { generation: 0, rebuilt: 0 };

/** @returns the fence of a cursor; of one without, that of a chain that has never changed hands */
export function fenceOf(cursor: { fence?: Fence } | undefined): Fence {
  return cursor?.fence ?? OPEN;
}

/** @returns the fence of the next to have the chain's rows in hand; nobody holds the chain then, and what was owed is in doubt */
export function handedOver({ generation, rebuilt, doubt, owed }: Fence): Fence {
  return { generation: generation + 1, rebuilt, ...((doubt ?? owed) && { doubt: true }) };
}

/** @returns the fence under which a projection takes a chain in hand; what is in doubt or owed stays so */
export function takenOver(fence: Fence): Fence {
  return { ...fence, taken: (fence.taken ?? 0) + 1 };
}

/** @returns who has the chain in hand: another text for each that has had it */
export function handOf({ generation, taken = 0 }: Fence): string {
  return `${generation}.${taken}`;
}

/** @returns whether a chain is to be rebuilt: also one whose rebuild is under way, or has died */
export function isDoubtful({ doubt, owed }: Fence): boolean {
  return doubt === true || owed === true;
}

/** For how long a chain is held at a time. Of a rebuild that has died projections take it back after this. */
export const HOLD_MS = 120_000;
/** How far the clocks of two machines that keep time are apart at most, with much to spare. */
const CLOCKS_APART_MS = 60_000;

/**
 * @returns whether a rebuild has the chain. Not one whose hold seems to last longer than any does: it was taken by a clock that was
 * wrong, and would keep the views from following for as long. Should that rebuild be alive, the fence keeps it from writing
 */
export function isHeld({ held }: Fence, nowMs: number): boolean {
  if (!held) return false;
  const leftMs = held.untilMs - nowMs;
  return leftMs > 0 && leftMs <= HOLD_MS + CLOCKS_APART_MS;
}

/** @returns the cursor under a fence, which a chain that has never changed hands does without */
export function underFence(cursor: FencedCursor, fence: Fence): FencedCursor {
  const bare = { ...cursor };
  delete bare.fence;
  return fence.generation === 0 && !fence.taken && !fence.doubt ? bare : { ...bare, fence };
}

/** A row that is older than it should be: by a process that has not seen, or did not live to see, that it was overtaken. */
export class StaleRowError extends Error {
  readonly code = 'STALE_ROW';
}
