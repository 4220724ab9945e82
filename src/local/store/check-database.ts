import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { checkContents, DATABASE, unlistedNote } from './contents.ts';
import { damaged } from './store-error.ts';

/**
 * A start waits so long for the check. 2.5 GB took 10 s where the file was in memory, and 71 s from a slow disk: what is left
 * is then checked while the local cloud runs.
 */
const waitMs = 15_000;

/**
 * Reads a folder's database through, in a thread, before anybody uses it.
 * @param options.failed told of damage that is found after the start went on
 * @returns how to end a check that still goes on
 * @throws StoreError where it is damaged
 */
export async function checkDatabase(options: {
  folder: string;
  log(line: string): void;
  failed(error: Error): void;
}): Promise<() => Promise<void>> {
  const path = join(options.folder, DATABASE);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return () => Promise.resolve();
  const { done, stop } = startCheck(path);
  const waiting = new AbortController();
  try {
    const late = sleep(waitMs, 'late' as const, { signal: waiting.signal });
    late.catch(() => undefined); // not waited for any more
    if ((await Promise.race([done, late])) === 'late') {
      options.log(`The store's ${Math.round(size / 1e6)} MB are checked while the local cloud runs`);
      done.then(() => options.log('The store is sound'), options.failed);
    }
  } finally {
    waiting.abort();
  }
  return stop;
}

/** What a look at a store has found, where it is not damaged. */
export interface Examined {
  /** Of its database. */
  bytes: number;
  /** What is no damage, and less than one expects. */
  note: string | undefined;
}

/**
 * Looks at a store that need not be in use, as a start does: what is missing, its keys, and its database from end to end.
 * @throws StoreError
 */
export async function examineStore(folder: string, options: { embedded: boolean }): Promise<Examined> {
  checkContents(folder, options);
  const path = join(folder, DATABASE);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (options.embedded && size > 0) await startCheck(path).done;
  return { bytes: size, note: unlistedNote(folder) };
}

function startCheck(path: string): { done: Promise<void>; stop(): Promise<void> } {
  const worker = new Worker(new URL('./check-thread.ts', import.meta.url), {
    name: 'store-check',
    workerData: { path },
    // SQLite's module announces itself as experimental.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.once('message', (fault: string | null) => (fault === null ? resolve() : reject(damaged(path, fault))));
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error(`Cannot check "${path}": the check ended early`)));
  return {
    done: promise,
    async stop() {
      resolve();
      await worker.terminate();
    },
  };
}
