import { setTimeout as pause } from 'node:timers/promises';
import type { Sha256 } from '../../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { cursorKey } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import { initialCursor } from './cursor.ts';
import { type Fence, type FencedCursor, fenceOf, underFence } from './fence.ts';

/** Times that somebody else may move the cursor first. */
const MAX_ATTEMPTS = 20;
/** Pause after the first of them, then twice that, three times and so on: five seconds in all. */
const PAUSE_MS = 25;

export interface DoubtOptions {
  store: ViewStore;
  sha256: Sha256;
  /** Waits so many milliseconds. */
  sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Leaves word in the fence of a chain that its rows may be older than they should be: it is to be rebuilt.
 * @throws Error when the cursor cannot be moved: others keep moving it, or its row is damaged
 */
export async function leaveDoubt(options: DoubtOptions, ref: ChainRef): Promise<void> {
  if (await changeFence(options, ref, (fence) => (fence.doubt ? undefined : { ...fence, doubt: true }))) return;
  throw new Error(
    `Cannot leave a doubt in the cursor of ${fullChainName(ref)}: others keep moving it, or its row is damaged`,
  );
}

/**
 * Says that late rows of a chain which was in doubt have been looked for since it was rebuilt. Where another rebuild or another
 * doubt has come since, or others keep moving the cursor, the chain is still to be rebuilt.
 * @param generation that of the rebuild
 */
export async function settleOwed(options: DoubtOptions, ref: ChainRef, generation: number): Promise<void> {
  await changeFence(options, ref, ({ owed, ...fence }) =>
    owed && !fence.doubt && !fence.held && fence.rebuilt === generation ? fence : undefined,
  );
}

/** @param change gives the new fence; undefined where nothing is to be done. @returns false when others keep moving the cursor */
async function changeFence(
  { store, sha256, sleep = pause }: DoubtOptions,
  ref: ChainRef,
  change: (fence: Fence) => Fence | undefined,
): Promise<boolean> {
  const key = cursorKey(ref);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const [cursor = initialCursor(ref, sha256)]: (FencedCursor | undefined)[] = await store.get([key]);
    const fence = change(fenceOf(cursor));
    if (!fence) return true;
    const to = underFence(cursor, fence);
    if (await store.advance({ key, from: cursor.seq, fence: cursor.fence, to })) return true;
    if (attempt < MAX_ATTEMPTS) await sleep(attempt * PAUSE_MS);
  }
  return false;
}
