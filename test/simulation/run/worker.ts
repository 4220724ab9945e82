import { enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTANTS, plant } from './mutants.ts';
import { rememberPureResults } from './remember-pure.ts';

/** What a worker is to run: every `step`th seed from `from` on, `count` of them, with a bug planted or without. */
export interface Task {
  from: number;
  step: number;
  count: number;
  mutant?: string;
  keepLines: boolean;
  stopAtFailure: boolean;
}

const ROOT = new URL('../../../', import.meta.url).href;
const REPORT_EVERY = 25;

if (process.send) process.once('message', (task) => void work(task as Task)); // only the runner sends

async function work({ from, step, count, mutant, keepLines, stopAtFailure }: Task): Promise<void> {
  // Many workers live for a few histories only.
  enableCompileCache(fileURLToPath(new URL('node_modules/.cache/simulation/', ROOT)));
  if (mutant !== undefined) load(mutant);
  // The ledger logs what it cannot reach, which here is nearly everything.
  console.error = () => undefined;
  // Errors are everyday here, and where they come from is of interest only where a person will read it.
  Error.stackTraceLimit = keepLines ? 20 : 0;
  rememberPureResults();
  const { runSeed } = await import('./run-seed.ts');
  const { addCoverage } = await import('../core/coverage.ts');
  let coverage = {};
  let done = 0;
  for (let index = 0; index < count; index += 1) {
    const result = await runSeed(from + index * step, { keepLines });
    done += 1;
    addCoverage(coverage, result.coverage);
    if (result.failure !== undefined || keepLines) await tell({ failed: result });
    const stop = result.failure !== undefined && stopAtFailure;
    if (done === REPORT_EVERY || index === count - 1 || stop) {
      await tell({ done, coverage });
      coverage = {};
      done = 0;
    }
    if (stop) break;
  }
  process.disconnect();
}

/** Sends something, and waits until it is on its way. */
function tell(message: object): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

/** Has a bug planted when its file is loaded. */
function load(name: string): void {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (!mutant) throw new Error(`There is no mutant "${name}"`);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== ROOT + mutant.file) return loaded;
      return { ...loaded, source: plant(mutant, Buffer.from(loaded.source as Uint8Array).toString()) };
    },
  });
}
