import { setTimeout as sleep } from 'node:timers/promises';

/** What is watched: a process or thread that should not end by itself. */
export interface Supervised {
  /** Tells it from the one before: `process 4711`. */
  label: string;
  /** Resolves when it is gone, with the last it said. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

export interface Supervisor {
  /** Ends the one of the moment, and no other is started. */
  stop(): Promise<void>;
}

const restartsMax = 5;
const restartsWindowMs = 60_000;
/** Wait before the first restart in a window; each further one waits twice as long: 100 + 200 + … + 1,600 ms in all. */
const firstDelayMs = 100;

/**
 * Starts a process or thread again when it ends unasked, at most five times a minute: what ends more often than that is broken,
 * and would only look as if it ran. A start that fails counts as one.
 */
export function supervise(options: {
  /** Its name at the beginning of a sentence: `The DynamoDB engine`. */
  what: string;
  first: Supervised;
  start(): Promise<Supervised>;
  log(line: string): void;
  restarted(): void;
  gaveUp(lastWords: string): void;
}): Supervisor {
  const { what, log, start } = options;
  const stopping = new AbortController();
  let current = options.first;

  async function watch(): Promise<void> {
    let restartsMs: number[] = [];
    for (;;) {
      let lastWords = await current.ended;
      if (stopping.signal.aborted) return;
      log(`${what} (${current.label}) ended unexpectedly${saying(lastWords)}`);
      for (let isRunning = false; !isRunning;) {
        const nowMs = performance.now();
        restartsMs = restartsMs.filter((atMs) => nowMs - atMs < restartsWindowMs);
        if (restartsMs.length >= restartsMax) {
          log(`${what} is not started again: it was ${restartsMax} times within a minute`);
          options.gaveUp(lastWords);
          return;
        }
        await sleep(firstDelayMs * 2 ** restartsMs.length, undefined, { signal: stopping.signal }).catch(
          () => undefined,
        );
        if (stopping.signal.aborted) return;
        restartsMs.push(performance.now());
        try {
          current = await start();
          isRunning = true;
        } catch (error) {
          lastWords = (error as Error).message;
          log(lastWords);
        }
      }
      if (stopping.signal.aborted) return;
      log(`${what} runs again as ${current.label}: restart ${restartsMs.length} within a minute`);
      options.restarted();
    }
  }

  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await current.stop();
      await watching;
      await current.stop(); // one that was starting meanwhile
    },
  };
}

/** Last words as the end of a clause; nothing for one that was killed in silence. */
export function saying(lastWords: string): string {
  return lastWords === '' ? '' : `, saying ${JSON.stringify(lastWords)}`;
}
