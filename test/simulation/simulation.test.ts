import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { inParallel } from '../../src/views/in-parallel.ts';
import { MUTANTS, plant } from './run/mutants.ts';
import { PATHS } from './run/paths.ts';
import { simulate } from './run/simulate.ts';

const workers = Math.min(4, availableParallelism());
const SEEDS = 2_000;
/** Seeds within which each planted bug is found. */
const SEEDS_FOR_A_MUTANT = 600;

const told = ({ seed, failure }: { seed: number; failure?: string }) =>
  `seed ${seed}: ${failure} (npm run simulate -- --seed ${seed})`;

describe('simulation', () => {
  it(`finds nothing wrong in ${SEEDS} histories, which meet every kind of fault`, { timeout: 600_000 }, async () => {
    const { done, failures, coverage } = await simulate({ from: 1, seeds: SEEDS, workers });
    expect(failures.map(told)).toEqual([]);
    expect(done).toBe(SEEDS);
    expect(PATHS.filter((path) => !coverage[path])).toEqual([]);
  });

  it('tells the same history again for the same seed', { timeout: 60_000 }, async () => {
    const run = () => simulate({ from: 11, seeds: 5, workers: 1, keepLines: true });
    const [first, second] = await Promise.all([run(), run()]);
    expect(first.failures.map(({ trace }) => trace)).toEqual(second.failures.map(({ trace }) => trace));
    expect(first.failures.map(({ lines }) => lines)).toEqual(second.failures.map(({ lines }) => lines));
    expect(new Set(first.failures.map(({ trace }) => trace)).size).toBe(5);
  });

  it('replays a failure', { timeout: 60_000 }, async () => {
    const mutant = 'the funds are not checked';
    const { failures } = await simulate({ from: 1, seeds: 50, workers: 1, mutant, stopAtFailure: true });
    const [found] = failures;
    const again = await simulate({ from: found?.seed ?? 0, seeds: 1, workers: 1, mutant, keepLines: true });
    expect(again.failures[0]).toMatchObject({ failure: found?.failure, trace: found?.trace });
  });
});

describe('planted bugs', () => {
  const found = new Map<string, number | undefined>();

  // Most are found in the first histories, so each has one process, and some run side by side.
  beforeAll(async () => {
    await inParallel(MUTANTS, workers, async ({ name: mutant }) => {
      const search = { from: 1, seeds: SEEDS_FOR_A_MUTANT, workers: 1, mutant, stopAtFailure: true };
      found.set(mutant, (await simulate(search)).failures[0]?.seed);
    });
  }, 900_000);

  it.each(MUTANTS)('finds that $name', ({ name }) => {
    expect(found.get(name)).toBeDefined();
  });

  it('are planted in what the code says today, once', () => {
    for (const mutant of MUTANTS) {
      const text = readFileSync(new URL(`../../${mutant.file}`, import.meta.url), 'utf8');
      expect(plant(mutant, text)).not.toBe(text);
      expect(() => plant(mutant, text + mutant.from)).toThrow('found it 2 times');
    }
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});
