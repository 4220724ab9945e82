import type { Sha256 } from '../../core/chain/hash.ts';
import type { ChainRef } from '../../core/chain/name.ts';
import { cursorKey } from '../keys.ts';
import { type Cursor, initialCursor } from '../projection/cursor.ts';
import { type Fence, handedOver, HOLD_MS, isDoubtful, isHeld, OPEN, underFence } from '../projection/fence.ts';
import { type RebuildStore, storedCursor, storedFence, type StoredRow } from './port.ts';

/** A hold is renewed this long before its end: longer than writing some rows takes, with all attempts. */
const MARGIN_MS = 90_000;
/** Times that others may move a cursor first, one after the other. */
const MAX_ATTEMPTS = 20;

/** The right to write the rows of a chain, which nobody else has meanwhile. */
export interface Hold {
  /** The generation under which rows are written. */
  readonly generation: number;
  /** Whether this rebuild held the chain before, and nobody else has had it since. */
  readonly isRenewed: boolean;
  /** How far the chain's rows were when it was taken; 0 where its cursor cannot be read. */
  readonly seq: number;
  /** Renews the hold where it is about to end. @returns false when it is lost, or rows are in doubt */
  keep(): Promise<boolean>;
  /**
   * Puts a new cursor in the place of the old one, and lets go. No doubt is left, but what is owed: see `settleOwed`.
   * @returns false when the hold is lost, or rows are in doubt
   */
  release(cursor: Cursor): Promise<boolean>;
  /** Gives the chain back as it is, in doubt if it was: some rows may be new ones, ahead of the cursor, as after a round that has crashed. */
  giveUp(): Promise<void>;
}

interface Options {
  store: RebuildStore;
  sha256: Sha256;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Takes a chain from the projections. @returns undefined as long as another rebuild holds it, or others keep moving its cursor */
export async function holdChain(
  { store, sha256, now }: Options,
  { ref, run }: { ref: ChainRef; run: string },
): Promise<Hold | undefined> {
  const key = cursorKey(ref);
  const write = async (from: StoredRow | undefined, to: Cursor, fence: Fence): Promise<StoredRow | undefined> => {
    const doc = underFence(to, OPEN);
    const row = { key, text: JSON.stringify(doc), fence: JSON.stringify(fence), generation: 0 };
    if (await store.replace({ from, to: { key, doc: { ...doc, fence } } })) return row;
    // Also refused is what had been written before its answer was lost.
    const current = await store.raw(key);
    return current?.text === row.text && current.fence === row.fence ? row : undefined;
  };
  const held = (before: Fence): Fence => ({
    generation: before.generation,
    rebuilt: before.rebuilt,
    held: { run, untilMs: now() + HOLD_MS },
    ...(isDoubtful(before) && { owed: true }),
  });

  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const found = await store.raw(key);
    const before = storedFence(found);
    const isOurs = before.held?.run === run;
    if (!isOurs && isHeld(before, now())) return undefined;
    // Rows of a chain in doubt are written once more, from the first.
    const isRenewed = isOurs && !before.doubt;
    let fence = held(isRenewed ? before : handedOver(before));
    const { generation } = fence;
    const cursor = storedCursor(found) ?? initialCursor(ref, sha256);
    let row = await write(found, cursor, fence);
    if (!row) continue;

    return {
      generation,
      isRenewed,
      seq: cursor.seq,
      async keep() {
        if (now() < (fence.held?.untilMs ?? 0) - MARGIN_MS) return true;
        fence = held(fence);
        row = await write(row, cursor, fence);
        return row !== undefined;
      },
      async release(to) {
        row = await write(row, to, { generation, rebuilt: generation, ...(fence.owed && { owed: true }) });
        return row !== undefined;
      },
      async giveUp() {
        await write(row, cursor, handedOver(fence));
      },
    };
  }
  return undefined;
}
