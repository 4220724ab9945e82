import { describe, expect, test } from 'vitest';
import type { Machine } from './machine.ts';
import { addResults, isGoalMet, isMet, mergeResults, resultOf, type BenchResult, type Results } from './results.ts';

const ran = { name: 'b', title: 'B', full: false, seconds: 1, loadAverage: { before: 0, after: 1 } };
const method = 'Counted.';

describe('resultOf', () => {
  test('the median is held against the target', () => {
    const { figures } = resultOf(ran, {
      figures: [
        { name: 'rate', unit: '1/s', samples: [1, 100, 99], method, target: { atLeast: 50 } },
        { name: 'latency', unit: 'ms', samples: [9, 12], method, target: { atMost: 10 } },
        { name: 'none', unit: '', samples: [4], method },
      ],
    });
    expect(figures.map(({ median, min, max, met }) => [median, min, max, met])).toEqual([
      [99, 1, 100, true],
      [10.5, 9, 12, false],
      [4, 4, 4, null],
    ]);
  });

  test('what could not be measured says why, and details are kept as they stand', () => {
    expect(resultOf(ran, { error: 'no such thing' })).toEqual({ ...ran, figures: [], error: 'no such thing' });
    expect(resultOf(ran, { figures: [], details: { a: 1 } })).toEqual({ ...ran, figures: [], details: { a: 1 } });
  });
});

test.each([
  [10, { atLeast: 10 }, true, null],
  [9, { atLeast: 10, goal: 20 }, false, false],
  [25, { atLeast: 10, goal: 20 }, true, true],
  [10, { atMost: 10, goal: 5 }, true, false],
  [4, { atMost: 10, goal: 5 }, true, true],
])('%d against %o', (value, target, met, goalMet) => {
  expect([isMet(value, target), isGoalMet(value, target)]).toEqual([met, goalMet]);
});

test('a later run replaces what it measured again and keeps the rest', () => {
  const machine = {} as Machine; // not looked at
  const bench = (name: string, seconds: number): BenchResult => ({ ...ran, name, seconds, figures: [] });
  const run = (at: string, benches: BenchResult[]): Results => ({ at, commit: 'c', machine, benches });
  const merged = mergeResults(run('1', [bench('a', 1), bench('b', 1)]), run('2', [bench('b', 2), bench('c', 2)]));
  expect(merged.at).toBe('2');
  expect(merged.benches.map(({ name, seconds }) => [name, seconds])).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 2],
  ]);
  expect(mergeResults(undefined, merged)).toEqual(merged);
  expect(mergeResults({ ...merged, remarks: ['One is wrong.'] }, run('3', [])).remarks).toEqual(['One is wrong.']);
});

test('benchmarks of later sources say so, and are not added to those of another machine', () => {
  const machine = { cpu: 'A', cores: 2, memoryGb: 8, node: '24', platform: 'linux', disk: 'ext4' };
  const bench = (name: string): BenchResult => ({ ...ran, name, figures: [] });
  const earlier: Results = { at: '1', commit: 'c', machine, benches: [bench('a'), bench('b')] };
  const later: Results = { at: '2', commit: 'd', machine: { ...machine }, benches: [bench('b')] };
  const added = addResults(earlier, later);
  expect([added.at, added.commit]).toEqual(['1', 'c']);
  expect(added.benches.map(({ name, commit }) => [name, commit])).toEqual([
    ['a', undefined],
    ['b', 'd'],
  ]);
  expect(addResults(earlier, { ...later, commit: 'c' }).benches.map(({ commit }) => commit)).toEqual([
    undefined,
    undefined,
  ]);
  expect(() => addResults(earlier, { ...later, machine: { ...machine, cpu: 'B' } })).toThrow('not the same cpu');
});
