import { setTimeout as pause } from 'node:timers/promises';
import type { Sha256 } from '../../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { cursorKey } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import { initialCursor } from './cursor.ts';
import { type FencedCursor, fenceOf, underFence } from './fence.ts';

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
export async function leaveDoubt({ store, sha256, sleep = pause }: DoubtOptions, ref: ChainRef): Promise<void> {
  const key = cursorKey(ref);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const [cursor = initialCursor(ref, sha256)]: (FencedCursor | undefined)[] = await store.get([key]);
    const fence = fenceOf(cursor);
    if (fence.doubt) return;
    const to = underFence(cursor, { ...fence, doubt: true });
    if (await store.advance({ key, from: cursor.seq, fence: cursor.fence, to })) return;
    if (attempt < MAX_ATTEMPTS) await sleep(attempt * PAUSE_MS);
  }
  throw new Error(
    `Cannot leave a doubt in the cursor of ${fullChainName(ref)}: others keep moving it, or its row is damaged`,
  );
}
