/**
 * Does work for each of some items in turn, so that none keeps the time from the others: each gets an equal share of what is left,
 * and what it does not need goes to those after it. Who was not done gets another share once all others had theirs. It begins
 * at a random item, so that where the time is not enough for all it is not always the same ones who are left.
 * @param options.work is asked to come to an end when `isEnough` says so. @returns whether it was done
 * @param options.until milliseconds on the clock `now`
 * @returns the items that were not done, or never begun
 */
export async function shareTime<Item>(options: {
  items: readonly Item[];
  work: (item: Item, isEnough: () => boolean) => Promise<boolean>;
  until: number;
  now: () => number;
  /** From 0 to below 1. */
  random: () => number;
}): Promise<Item[]> {
  const { items, work, until, now, random } = options;
  const first = Math.floor(random() * items.length);
  let waiting = [...items.slice(first), ...items.slice(0, first)];
  for (let round = 1; waiting.length > 0; round += 1) {
    const again: Item[] = [];
    for (const [index, item] of waiting.entries()) {
      const begin = now();
      if (begin >= until) return [...waiting.slice(index), ...again];
      // In the first round for those too who come again: so all shares are alike. Later on nothing is kept back.
      const sharers = waiting.length - index + (round === 1 ? again.length : 0);
      const end = begin + (until - begin) / sharers;
      if (!(await work(item, () => now() >= end))) again.push(item);
    }
    waiting = again;
  }
  return [];
}
