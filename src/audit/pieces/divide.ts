/** @returns the chains in their order, in so many pieces at most, of which the longest is as short as can be */
export function divided(lengths: ReadonlyMap<string, number>, count: number): string[][] {
  let [least, most] = [0, [...lengths.values()].reduce((sum, length) => sum + length, 0)];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (inPieces(lengths, middle).length <= count) most = middle;
    else least = middle + 1;
  }
  return inPieces(lengths, most);
}

/** @returns how many pieces there are at the least, where none has more events than that but by one chain alone */
export function leastPieces(lengths: ReadonlyMap<string, number>, eventsMax: number): number {
  return inPieces(lengths, eventsMax).length;
}

/** @returns the chains in their order: neighbours share a piece as long as they have no more events together */
function inPieces(lengths: ReadonlyMap<string, number>, eventsMax: number): string[][] {
  const pieces: string[][] = [];
  let events = Infinity;
  for (const [chain, length] of lengths) {
    if (events + length > eventsMax) {
      pieces.push([]);
      events = 0;
    }
    pieces.at(-1)?.push(chain);
    events += length;
  }
  return pieces;
}
