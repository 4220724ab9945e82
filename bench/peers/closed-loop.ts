import type { Window } from './peer.ts';

const MOST_IN_FLIGHT = 64;

/** Keeps so many requests in flight until the time is over; `one` sends the next and tells how many postings were acknowledged. */
export async function closedLoop(
  options: { inFlight: number; seconds: number },
  one: (slot: number) => Promise<number>,
): Promise<Window> {
  const latenciesMs: number[] = [];
  let postings = 0;
  const startedMs = performance.now();
  const untilMs = startedMs + options.seconds * 1_000;
  async function keepOneInFlight(slot: number): Promise<void> {
    for (let sentMs = performance.now(); sentMs < untilMs; sentMs = performance.now()) {
      const made = await one(slot); // others add theirs while this one waits
      postings += made;
      latenciesMs.push(performance.now() - sentMs);
    }
  }
  await Promise.all(Array.from({ length: options.inFlight }, (_, slot) => keepOneInFlight(slot)));
  return { postings, elapsedMs: performance.now() - startedMs, latenciesMs };
}

/** Does something for each of many, so many at a time as a closed loop has in flight at most. */
export async function sideBySide<Of>(items: readonly Of[], one: (item: Of) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: MOST_IN_FLIGHT }, async () => {
      for (const item of rest) await one(item);
    }),
  );
}
