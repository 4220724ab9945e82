/** Halvings of the distance between the last rate held and the first that was not, and of the first where that is not held. */
const HALVINGS = 3;
/** From where a search begins that follows another, as a share of what that found. */
const NEAR = 0.7;

/** Searches several times, each time from near what was found before. @returns what each search found */
export async function highestHeldOf(searches: number, options: Parameters<typeof highestHeld>[0]): Promise<number[]> {
  const found: number[] = [];
  for (let search = 0; search < searches; search += 1) {
    const before = found.at(-1) ?? 0;
    const first = Math.max(options.first, Math.round(before * NEAR));
    found.push(await highestHeld({ ...options, first }));
  }
  return found;
}

/**
 * Searches the highest rate that holds: doubles it until one does not, or halves it until one does, then halves the distance.
 * @returns 0 where not even an eighth of the first holds
 */
export async function highestHeld(options: {
  first: number;
  most: number;
  holds(rate: number): Promise<boolean>;
}): Promise<number> {
  const { first, most, holds } = options;
  let held = 0;
  let failed = first;
  while (await holds(failed)) {
    held = failed;
    if (failed >= most) return held;
    failed = Math.min(failed * 2, most);
  }
  for (let halving = 0; held === 0; halving++) {
    if (halving === HALVINGS) return 0;
    const lower = Math.round(failed / 2);
    if (await holds(lower)) held = lower;
    else failed = lower;
  }
  for (let halving = 0; halving < HALVINGS; halving++) {
    const between = Math.round((held + failed) / 2);
    if (await holds(between)) held = between;
    else failed = between;
  }
  return held;
}
