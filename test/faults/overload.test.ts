import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runOverload } from './overload/run-overload.ts';

/** Half a gigabyte is what it takes at rest with all functions warm; the rest is what the bounds of queues and bodies add up to. */
const MOST_BYTES = { 'local cloud': 2.5e9, engine: 300e6 };

const dataDir = mkdtempSync(join(tmpdir(), 'turing-overload-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('ten times what it gets done is answered as documented, in bounded memory, and loses nothing; then all is as before', async () => {
  const result = await runOverload({ dataDir, seconds: 5, times: 10, seed: '1' });
  expect(result.faults).toEqual([]);
  for (const [name, bytes] of Object.entries(MOST_BYTES)) expect(result.most[name]).toBeLessThan(bytes);
  expect([...result.statuses.keys()].toSorted((a, b) => a - b)).toEqual(expect.arrayContaining([202]));
  expect(result.isAnsweredAgain).toBe(true);
}, 300_000);
