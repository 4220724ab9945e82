/**
 * The suite: npm run bench [-- --full] [-- --peers] [-- --only NAME]. Prints a table and keeps all in bench/results.
 * Each benchmark runs in a process of its own, one after the other.
 */
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { OneAnswer } from './one.ts';
import { loadAverage, machine } from './support/machine.ts';
import { addResults, type BenchResult, mergeResults, resultOf, type Results, resultsIn } from './support/results.ts';
import { resultLines } from './support/result-text.ts';
import { PEERS, SUITE } from './support/suite.ts';

/** A benchmark that takes longer hangs: it is ended, and the next one begins. */
const LIMIT_MS = 30 * 60_000;

const USAGE = `Usage: npm run bench [-- --full] [-- --peers] [-- --only NAME]
  --full       the long form of each: three quarters of an hour instead of a quarter, on two cores
  --peers      compares with other stores too: eight minutes, or a quarter of an hour with --full
  --only NAME  one alone, may be repeated: ${[...SUITE, PEERS].join(', ')}
  --onto FILE  adds to results of an earlier commit on the same machine, in the place of what they said
The results are kept in bench/results, by day and commit; npx node bench/document.ts makes docs/performance.md of them.`;

const { full, peers, only, onto } = options();
const isThere = (name: string): boolean => existsSync(join(import.meta.dirname, name, 'index.ts'));
const names = only ?? [...SUITE.filter(isThere), ...(peers ? [PEERS] : [])];

const commit = commitOf();
const benches: BenchResult[] = [];
let file = '';
for (const name of names) {
  console.error(`${name}…`);
  const result = await runOne(name);
  benches.push(result);
  for (const line of resultLines(result)) console.log(line);
  console.log('');
  // After each, so that a run that is cut short has not been for nothing.
  file = keep({ at: new Date().toISOString(), commit, machine: machine(), benches });
}
console.log(`Results: ${file}`);
if (benches.some(({ error }) => error !== undefined)) process.exitCode = 1;

async function runOne(name: string): Promise<BenchResult> {
  const before = loadAverage();
  const startedMs = performance.now();
  const child = fork(join(import.meta.dirname, 'one.ts'), [name, ...(full ? ['--full'] : [])], {
    serialization: 'advanced',
  });
  const timer = setTimeout(() => child.kill(), LIMIT_MS);
  const { title, outcome } = await new Promise<OneAnswer>((resolve) => {
    child.once('message', (answer: OneAnswer) => resolve(answer));
    child.once('exit', (code, signal) =>
      resolve({ title: name, outcome: { error: `The benchmark ended with ${code ?? signal}` } }),
    );
  });
  clearTimeout(timer);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  return resultOf({ name, title, full, seconds, loadAverage: { before, after: loadAverage() } }, outcome);
}

/** Adds the results to those of the file that was named, or of the same day and commit. @returns the file */
function keep(results: Results): string {
  if (onto !== undefined) {
    write(onto, addResults(resultsIn(onto), results));
    return onto;
  }
  const folder = join(import.meta.dirname, 'results');
  const path = join(folder, `${results.at.slice(0, 10)}-${commit.replace('+', '-changed')}.json`);
  const earlier = existsSync(path) ? resultsIn(path) : undefined;
  mkdirSync(folder, { recursive: true });
  write(path, mergeResults(earlier, results));
  return path;
}

function write(path: string, results: Results): void {
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}

/** What cannot be added to is told before anything is measured. @throws Error where the file is none, or of another machine */
function checkOnto(path: string): void {
  if (!existsSync(path)) throw new Error(`There is no file ${path}`);
  addResults(resultsIn(path), { at: '', commit: '', machine: machine(), benches: [] });
}

/** Reads the command line; ends with its usage where it is none. */
function options(): { full: boolean; peers: boolean; only?: string[]; onto?: string } {
  try {
    const { values } = parseArgs({
      options: {
        full: { type: 'boolean', default: false },
        peers: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        onto: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const unknown = values.only?.filter((name) => ![...SUITE, PEERS].includes(name)) ?? [];
    if (unknown.length > 0) throw new Error(`There is no benchmark "${unknown.join('", "')}"`);
    if (values.onto !== undefined) checkOnto(values.onto);
    if (values.help !== true) return values;
    console.log(USAGE);
    return process.exit();
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return process.exit(2);
  }
}
