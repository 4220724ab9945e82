import type { BreachCounts } from '../monitor/watch.ts';
import type { Cursor } from '../projection/cursor.ts';
import type { Head } from './read-heads.ts';

/**
 * Finds chains that are not any more what the monitor has seen of them: cut off behind it, or with another hash at their head.
 * @param cursors read before the heads: what they have seen was in the journal by then, so a head that is behind was cut off
 * @returns one breach for each such chain
 */
export function lostChains(cursors: ReadonlyMap<string, Cursor>, heads: readonly Head[]): BreachCounts[] {
  return heads.flatMap((head): BreachCounts[] => {
    const { chain } = head;
    const cursor = cursors.get(chain);
    if (!cursor || cursor.seq < head.seq || (cursor.seq === head.seq && cursor.hash === head.hash)) return [];
    const { seq, hash, committedAt: at } = cursor;
    const reason =
      seq > head.seq
        ? 'The chain ends before an event that was already seen: its end was cut off'
        : 'The chain has another hash at its head than was already seen: it was rewritten';
    const evidence = { checkedHash: hash, headSeq: head.seq, headHash: head.hash };
    return [{ HASH_CHAIN: { count: 1, last: { chain, seq, at, reason, evidence } } }];
  });
}
