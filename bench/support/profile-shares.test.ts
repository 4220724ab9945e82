import type { Profiler } from 'node:inspector';
import { expect, test } from 'vitest';
import { sharesOf } from './profile-shares.ts';

const node = (id: number, functionName: string, children: number[] = [], url = ''): Profiler.ProfileNode => ({
  id,
  callFrame: { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 },
  children,
});

const profile: Profiler.Profile = {
  nodes: [
    node(1, '(root)', [2, 3, 7]),
    node(2, 'decide', [4], 'file:///src/core/decide.ts'),
    node(3, 'validate', [5], 'file:///src/gateway/validate.ts'),
    node(4, 'update', [], 'node:internal/crypto/hash'),
    node(5, 'anonymous', [6]),
    node(6, 'deeper'),
    node(7, '(idle)'),
  ],
  startTime: 0,
  endTime: 1_000,
  samples: [2, 4, 6, 7, 1],
  timeDeltas: [100, 300, 500, 10_000, 100],
};

test('time counts for the nearest caller that a rule names, and waiting counts not at all', () => {
  const rules = [
    { part: 'hash', matches: /crypto\/hash/ },
    { part: 'validation', matches: /validate\.ts/ },
    { part: 'decide', matches: /src\/core/ },
  ];
  expect(sharesOf(profile, rules)).toEqual({ validation: 0.5, hash: 0.3, decide: 0.1, other: 0.1 });
  expect(Object.keys(sharesOf(profile, rules))[0]).toBe('validation');
});

test('the first rule that matches decides', () => {
  expect(sharesOf(profile, [{ part: 'all', matches: /^/ }])).toEqual({ all: 1 });
});

test('a profile without samples has no shares', () => {
  expect(sharesOf({ nodes: [], startTime: 0, endTime: 0 }, [])).toEqual({});
});
