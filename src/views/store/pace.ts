import type { ViewStore } from '../port.ts';

/**
 * Time between rounds for each row that the last one wrote, and the most of it. Rows cost as much whether they hold the events
 * of one second or of five: who has to write 8,000 of them does so every four seconds, and who has few never waits.
 */
const MS_A_ROW = 0.5;
const MAX_MS = 5_000;

/** Of a round that ends with all its chains so far behind all events are older than any wait: it had what waiting would have brought. */
const BEHIND_MS = 5_000;

/** Keeps a process from writing many rows all the time. */
export interface Pace {
  /** @returns the store, whose puts count */
  counting(store: ViewStore): ViewStore;
  /** Told of each chain that a round has projected how old the last commit is that it projected. */
  projected(lagMs: number): void;
  /** Waits until the next round may begin. */
  turn(): Promise<void>;
}

/** @param options.now milliseconds of any clock that never goes back */
export function createPace(options: { now: () => number; sleep: (ms: number) => Promise<unknown> }): Pace {
  const { now, sleep } = options;
  let began = -Infinity;
  let rows = 0;
  let leastLagMs: number | undefined;
  return {
    counting: (store) => ({
      get: (keys, request) => store.get(keys, request),
      list: (partition) => store.list(partition),
      advance: (request) => store.advance(request),
      put(put) {
        rows += put.length;
        return store.put(put);
      },
    }),
    projected(lagMs) {
      leastLagMs = Math.min(leastLagMs ?? Infinity, lagMs);
    },
    async turn() {
      const isBehind = leastLagMs !== undefined && leastLagMs > BEHIND_MS;
      const waitMs = isBehind ? 0 : began + Math.min(rows * MS_A_ROW, MAX_MS) - now();
      if (waitMs > 0) await sleep(waitMs);
      began = now();
      rows = 0;
      leastLagMs = undefined;
    },
  };
}
