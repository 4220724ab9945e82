import type { Session } from './session.ts';

/** Puts what belongs to members under the chains of the members, in the order given; chains by name. */
export function byChain<Item extends { member: number }>(
  session: Session,
  items: readonly Item[],
): Map<string, Item[]> {
  const chains = new Map<string, Item[]>();
  for (const item of items) {
    const chain = session.directory.chainOf(item.member);
    const list = chains.get(chain);
    if (list) list.push(item);
    else chains.set(chain, [item]);
  }
  return new Map([...chains].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/**
 * Runs one task per chain, at most `workers` at a time. A chain has one task, and a task one request in flight: so the
 * order in which a chain's commands arrive never depends on timing.
 */
export async function perChain<Item>(
  chains: ReadonlyMap<string, Item>,
  options: { workers: number; task: (item: Item, chain: string) => Promise<void> },
): Promise<void> {
  const waiting = [...chains];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await options.task(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: Math.min(options.workers, waiting.length) }, worker));
}
