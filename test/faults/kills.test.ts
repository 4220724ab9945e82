import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { KINDS } from './kills/kinds.ts';
import { runKills } from './kills/run-kills.ts';

const TIMES = 10;
const dataDir = mkdtempSync(join(tmpdir(), 'turing-kills-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test(`${TIMES} kills under load lose nothing, halve nothing and repeat nothing; digests extend and views catch up`, async () => {
  const { kills, faults, commands } = await runKills({ dataDir, times: TIMES, seed: '1' });
  expect(faults).toEqual([]);
  expect(new Set(kills.map(({ kind }) => kind))).toEqual(new Set(KINDS.map(({ name }) => name)));
  // Kills between commands would show nothing.
  expect(kills.reduce((sum, { retried }) => sum + retried, 0)).toBeGreaterThan(0);
  expect(commands).toBeGreaterThan(TIMES * 20);
}, 600_000);
