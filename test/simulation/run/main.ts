import { availableParallelism } from 'node:os';
import { cancelled, usageError } from '../../../src/cli/cli-error.ts';
import { defineCommand } from '../../../src/cli/command.ts';
import { EXIT, type ExitCode } from '../../../src/cli/exit-codes.ts';
import { wholeNumber } from '../../../src/cli/flag-values.ts';
import { runAlone } from '../../../src/cli/run-process.ts';
import { PATHS } from './paths.ts';
import { MUTANTS } from './mutants.ts';
import type { SeedResult } from './run-seed.ts';
import { simulate, type SimulationResult } from './simulate.ts';
import { summaryOf } from './summary.ts';

const SHOWN_FAILURES = 5;
const LAST_LINES = 60;
const TOLD_EVERY_S = 5;
const SEEDS_DEFAULT = '100000';
const FROM_DEFAULT = '1';
const SEEDS = { least: 1, most: 1_000_000_000 };
const WORKERS = { least: 1, most: 256 };

const simulation = defineCommand({
  name: 'simulate',
  line: 'npm run simulate --',
  description:
    'Runs the ledger’s code through histories of faults on a clock of its own and checks what came of each; exit code 1 for one that failed',
  args: {
    seeds: { type: 'string', description: 'How many histories', valueHint: 'n', default: SEEDS_DEFAULT },
    from: { type: 'string', description: 'The first seed', valueHint: 'n', default: FROM_DEFAULT },
    seed: { type: 'string', description: 'One history alone, told line by line', valueHint: 'n' },
    mutant: {
      type: 'string',
      description: 'With a bug planted in the code: its name, or "list" for all names',
      valueHint: 'name',
    },
    workers: {
      type: 'string',
      description: 'Processes side by side (default: as many as there are cores)',
      valueHint: 'n',
    },
  },
  examples: [
    { line: 'npm run simulate -- --seeds 2000', what: 'some minutes' },
    { line: 'npm run simulate -- --seed 4711', what: 'one history, to replay what failed' },
    { line: "npm run simulate -- --seeds 600 --mutant 'keys are forgotten'", what: 'a planted bug: it is found' },
  ],
  async run({ mutant, ...args }, { stop, terminal }): Promise<ExitCode> {
    if (args.seed !== undefined && (args.seeds !== SEEDS_DEFAULT || args.from !== FROM_DEFAULT))
      throw usageError('Give --seed alone, or --seeds and --from');
    const seeds = args.seed === undefined ? wholeNumber('seeds', args.seeds, SEEDS) : 1;
    const from =
      args.seed === undefined ? wholeNumber('from', args.from, SEEDS) : wholeNumber('seed', args.seed, SEEDS);
    const workers = wholeNumber('workers', args.workers ?? String(availableParallelism()), WORKERS);
    if (mutant === 'list') {
      terminal.out(MUTANTS.map(({ name, file }) => `${name} (${file})`).join('\n'));
      return EXIT.ok;
    }
    if (mutant !== undefined && !MUTANTS.some(({ name }) => name === mutant))
      throw usageError(`Unknown mutant "${mutant}"`, 'npm run simulate -- --mutant list names all.');
    const planted = { stop, ...(mutant !== undefined && { mutant }) };
    const startMs = performance.now();
    let toldS = 0;
    let next = from;
    const result = await simulate({
      from,
      seeds,
      workers,
      keepLines: args.seed !== undefined,
      ...planted,
      told: ({ seed, failure }) => {
        if (args.seed === undefined) console.log(`seed ${seed} failed: ${failure}`);
      },
      progress: ({ done, failed, ...reached }) => {
        ({ next } = reached);
        const seconds = (performance.now() - startMs) / 1_000;
        if (seconds - toldS < TOLD_EVERY_S) return;
        toldS = seconds;
        const rate = `${Math.round(done / seconds)} a second`;
        console.log(`${done} of ${seeds} histories, ${rate}, ${failed} failed, all below seed ${next} done`);
      },
    }).catch((error: unknown) => {
      if (!stop.aborted) throw error;
      console.log(`Go on with: npm run simulate -- --from ${next} --seeds ${from + seeds - next}`);
      throw cancelled();
    });
    const seconds = (performance.now() - startMs) / 1_000;
    if (args.seed !== undefined) return tellOne(result);
    console.log(`${result.done} histories in ${seconds.toFixed(0)} s, ${result.failures.length} failed`);
    console.log(summaryOf(result.coverage));
    tellCoverage(result);
    for (const failure of result.failures.slice(0, SHOWN_FAILURES)) await tellFailure(failure, planted);
    return result.failures.length > 0 ? EXIT.failed : EXIT.ok;
  },
});

await runAlone(simulation);

function tellOne({ failures, coverage }: SimulationResult): ExitCode {
  const [only] = failures;
  if (!only) throw new Error('The history is missing');
  console.log(only.lines.join('\n'));
  console.log(JSON.stringify(coverage, undefined, 2));
  console.log(`seed ${only.seed}, trace ${only.trace}: ${only.failure ?? 'all as it should be'}`);
  return only.failure === undefined ? EXIT.ok : EXIT.failed;
}

function tellCoverage({ coverage }: SimulationResult): void {
  for (const [name, times] of Object.entries(coverage).sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(times).padStart(10)} ${name}`);
  const missing = PATHS.filter((name) => !coverage[name]);
  if (missing.length > 0) console.log(`Never met: ${missing.join(', ')}`);
}

/** Runs the seed once more for its history. */
async function tellFailure(
  { seed, failure }: SeedResult,
  options: { stop: AbortSignal; mutant?: string },
): Promise<void> {
  const again = await simulate({
    from: seed,
    seeds: 1,
    workers: 1,
    keepLines: true,
    ...options,
  });
  const planted = options.mutant === undefined ? '' : ` --mutant '${options.mutant}'`;
  console.log(`\n${again.failures[0]?.lines.slice(-LAST_LINES).join('\n')}`);
  console.log(`seed ${seed} failed: ${failure}\nreplay it with: npm run simulate -- --seed ${seed}${planted}`);
}
