import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, test } from 'vitest';
import { boundsOf, faultsOf } from './overload/promises.ts';
import { type OverloadResult, runOverload } from './overload/run-overload.ts';
import { findSustained } from './overload/sustained.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'turing-overload-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('ten times what it gets done is answered as documented, in bounded memory, and loses nothing; then all is as before', async () => {
  const result = await runOverload({ dataDir, seconds: 5, times: 10, seed: '1' });
  // How long it takes is the drill's to judge, on a machine of its own.
  expect(result.normalAfterMs).toBeDefined();
  expect(faultsOf({ ...result, normalAfterMs: 0 })).toEqual([]);
}, 300_000);

const FINE: OverloadResult = {
  seconds: 30,
  sustainedPerSecond: 500,
  sustainedClients: 32,
  offeredPerSecond: 5_000,
  sentPerSecond: 4_000,
  unsent: 30_000,
  acceptedPerSecond: 450,
  openCommands: 40_000,
  statuses: new Map([
    [202, 13_500],
    [429, 100_000],
  ]),
  before: { 'local cloud': 450e6, engine: 9e6 },
  most: { 'local cloud': 1_060e6, engine: 11e6 },
  latencyBeforeMs: 8,
  normalAfterMs: 9_999,
  isAnsweredAgain: true,
  viewsAfterMs: 2_000,
  faults: [],
};

it('is what its figures say: nothing is wrong where all is within its bounds', () => {
  expect(faultsOf(FINE)).toEqual([]);
  expect(boundsOf(FINE)).toEqual({ 'local cloud': 1_450e6, engine: 100e6 });
});

it.each<[string, Partial<OverloadResult>, RegExp]>([
  ['normal too late', { normalAfterMs: 10_001 }, /as fast as before 10001 ms after the end: 10000 ms are the limit/],
  ['never normal', { normalAfterMs: undefined }, /as fast as before not at all/],
  ['a large local cloud', { most: { 'local cloud': 1_500e6, engine: 11e6 } }, /local cloud held 1500 MB: 1450 MB are/],
  ['a large engine', { most: { 'local cloud': 460e6, engine: 101e6 } }, /engine held 101 MB: 100 MB are/],
  ['memory that nobody saw', { most: {} }, /local cloud held/],
  [
    'what answers and journal say',
    { faults: ['Command 7 was answered with 202 and is not in the journal'] },
    /Command 7/,
  ],
  ['refusals afterwards', { isAnsweredAgain: false }, /still refused after the overload/],
  ['nothing accepted', { statuses: new Map([[429, 9]]) }, /Nothing was accepted/],
  ['no overload', { statuses: new Map([[202, 9]]), unsent: 0 }, /no overload/],
])('fails for %s', (_, difference, fault) => {
  expect(faultsOf({ ...FINE, ...difference }).join('\n')).toMatch(fault);
});

it('sends a multiple of what warm clients get done when more of them get no more done', async () => {
  const asked: number[] = [];
  const rates = [100, 200, 205, 150, 300, 290, 400, 410, 405];
  const measure = async (clients: number) => {
    asked.push(clients);
    return rates[asked.length - 1] ?? 0;
  };
  expect(await findSustained(measure, () => undefined)).toEqual({ perSecond: 410, clients: 128 });
  expect(asked).toEqual([16, 16, 16, 8, 16, 32, 64, 128, 256]);
});
