import type { Session } from './session.ts';

/** Lists put under their chains before: the shares of a day, done in one process, ask for the same ones. */
const known = new WeakMap<readonly object[], ReadonlyMap<string, readonly object[]>>();

/** Puts what belongs to members under the chains of the members, in the order given; chains by name. */
export function byChain<Item extends { member: number }>(
  session: Session,
  items: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  const before = known.get(items);
  // What stands there was made of this very list, and a member's chain never changes.
  if (before) return before as ReadonlyMap<string, readonly Item[]>;
  const chains = new Map<string, Item[]>();
  for (const item of items) {
    const chain = session.directory.chainOf(item.member);
    const list = chains.get(chain);
    if (list) list.push(item);
    else chains.set(chain, [item]);
  }
  const sorted = new Map([...chains].toSorted(([left], [right]) => (left < right ? -1 : 1)));
  known.set(items, sorted);
  return sorted;
}

/**
 * Chains that one worker posts to at the same time: while the ledger writes the commit of one, it decides the commands of
 * another.
 */
export const CHAINS_PER_WORKER = 2;

/**
 * Runs one task per chain, at most `atOnce` at a time. A chain has one task, and a task one request in flight: so the
 * order in which a chain's commands arrive never depends on timing.
 */
export async function perChain<Item>(
  chains: ReadonlyMap<string, Item>,
  options: { atOnce: number; task: (item: Item, chain: string) => Promise<void> },
): Promise<void> {
  const waiting = [...chains];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await options.task(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: Math.min(options.atOnce, waiting.length) }, lane));
}
