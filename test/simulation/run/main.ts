import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { PATHS } from './paths.ts';
import { MUTANTS } from './mutants.ts';
import type { SeedResult } from './run-seed.ts';
import { simulate, type SimulationResult } from './simulate.ts';

const HELP = `npm run simulate -- [options]

  --seeds N     how many histories (100000)
  --from S      the first seed (1)
  --seed X      one history, told line by line
  --mutant NAME with a bug planted ("list" names them)
  --workers N   processes side by side (as many as there are cores)
`;

const SHOWN_FAILURES = 5;
const LAST_LINES = 60;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      mutant: { type: 'string' },
      workers: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return say(HELP, 0);
  const { mutant } = values;
  if (mutant === 'list') return say(MUTANTS.map(({ name, file }) => `${name} (${file})`).join('\n'), 0);
  const seeds = values.seed === undefined ? numberOf('seeds', values.seeds) : 1;
  const from = numberOf(values.seed === undefined ? 'from' : 'seed', values.seed ?? values.from);
  const startMs = performance.now();
  let told = 0;
  const result = await simulate({
    from,
    seeds,
    workers: numberOf('workers', values.workers),
    keepLines: values.seed !== undefined,
    ...(mutant !== undefined && { mutant }),
    progress: (done, failed) => {
      const seconds = (performance.now() - startMs) / 1_000;
      if (seconds - told < 5) return;
      told = seconds;
      console.log(`${done} of ${seeds} histories, ${Math.round(done / seconds)} a second, ${failed} failed`);
    },
  });
  const seconds = (performance.now() - startMs) / 1_000;
  if (values.seed !== undefined) return tellOne(result);
  console.log(`${result.done} histories in ${seconds.toFixed(0)} s, ${result.failures.length} failed`);
  tellCoverage(result);
  for (const failure of result.failures.slice(0, SHOWN_FAILURES)) await tellFailure(failure, mutant);
  return result.failures.length > 0 ? 1 : 0;
}

function tellOne({ failures, coverage }: SimulationResult): number {
  const [only] = failures;
  if (!only) throw new Error('The history is missing');
  console.log(only.lines.join('\n'));
  console.log(JSON.stringify(coverage, undefined, 2));
  console.log(`seed ${only.seed}, trace ${only.trace}: ${only.failure ?? 'all as it should be'}`);
  return only.failure === undefined ? 0 : 1;
}

function tellCoverage({ coverage }: SimulationResult): void {
  for (const [name, times] of Object.entries(coverage).sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(times).padStart(10)} ${name}`);
  const missing = PATHS.filter((name) => !coverage[name]);
  if (missing.length > 0) console.log(`Never met: ${missing.join(', ')}`);
}

/** Runs the seed once more for its history. */
async function tellFailure({ seed, failure }: SeedResult, mutant: string | undefined): Promise<void> {
  const again = await simulate({
    from: seed,
    seeds: 1,
    workers: 1,
    keepLines: true,
    ...(mutant !== undefined && { mutant }),
  });
  const planted = mutant === undefined ? '' : ` --mutant '${mutant}'`;
  console.log(`\n${again.failures[0]?.lines.slice(-LAST_LINES).join('\n')}`);
  console.log(`seed ${seed} failed: ${failure}\nreplay it with: npm run simulate -- --seed ${seed}${planted}`);
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

function say(text: string, code: number): number {
  console.log(text);
  return code;
}
