import { readFileSync } from 'node:fs';
import type { BenchOutcome, Figure, Target } from './bench.ts';
import { spreadOf, type Spread } from './statistics.ts';
import type { Machine } from './machine.ts';

/** A file of bench/results: what was measured, on what, of which state of the sources. */
export interface Results {
  /** When the last of it was measured on these sources, ISO 8601 UTC. */
  at: string;
  /** Short hash; with `+` where files differed from it. */
  commit: string;
  machine: Machine;
  /** What was found out about these figures after they were measured, in sentences: written by hand. */
  remarks?: string[];
  benches: BenchResult[];
}

export interface BenchResult {
  name: string;
  title: string;
  /** Whether this is the long form. */
  full: boolean;
  /** What state of the sources it ran on, where that is not the file's. */
  commit?: string;
  /** How long it took. */
  seconds: number;
  /** Load average of the last minute, before and after: what else the machine did can be seen before. */
  loadAverage: { before: number; after: number };
  figures: FigureResult[];
  details?: unknown;
  /** Why there are no figures. */
  error?: string;
}

export interface FigureResult extends Figure, Spread {
  /** Null where there is no target. */
  met: boolean | null;
}

/** @throws Error where the file holds no results */
export function resultsIn(path: string): Results {
  const results = JSON.parse(readFileSync(path, 'utf8')) as Results; // bench/run.ts wrote it
  if (!Array.isArray(results.benches)) throw new Error(`${path} holds no results of benchmarks`);
  return results;
}

/** Puts figures into the form in which they are kept. */
export function resultOf(
  bench: Pick<BenchResult, 'name' | 'title' | 'full' | 'seconds' | 'loadAverage'>,
  outcome: BenchOutcome | { error: string },
): BenchResult {
  if ('error' in outcome) return { ...bench, figures: [], error: outcome.error };
  const figures = outcome.figures.map((figure) => {
    const spread = spreadOf(figure.samples);
    return { ...figure, ...spread, met: figure.target ? isMet(spread.median, figure.target) : null };
  });
  return { ...bench, figures, ...(outcome.details !== undefined && { details: outcome.details }) };
}

export function isMet(value: number, { atLeast, atMost }: Target): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

/** Whether the goal beyond a target is reached too; null where there is none. */
export function isGoalMet(value: number, target: Target | undefined): boolean | null {
  if (target?.goal === undefined) return null;
  return target.atMost === undefined ? value >= target.goal : value <= target.goal;
}

/** Adds benchmarks to those of an earlier run of the same sources; one that ran again replaces what it said before. */
export function mergeResults(earlier: Results | undefined, later: Results): Results {
  const again = new Set(later.benches.map(({ name }) => name));
  const kept = (earlier?.benches ?? []).filter(({ name }) => !again.has(name));
  return { ...(earlier?.remarks && { remarks: earlier.remarks }), ...later, benches: [...kept, ...later.benches] };
}

/**
 * Adds benchmarks of later sources to those of an earlier run on such a machine: each says what it ran on where that differs.
 * @throws Error where the machine is another
 */
export function addResults(earlier: Results, later: Results): Results {
  const another = (Object.keys(earlier.machine) as (keyof Machine)[]).find(
    (key) => earlier.machine[key] !== later.machine[key],
  );
  if (another !== undefined) throw new Error(`The results are of another machine: not the same ${another}`);
  const isOther = later.commit !== earlier.commit;
  const benches = later.benches.map((bench) => (isOther ? { ...bench, commit: later.commit } : bench));
  return { ...mergeResults(earlier, { ...later, benches }), at: earlier.at, commit: earlier.commit };
}
