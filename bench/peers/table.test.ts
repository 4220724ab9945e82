import { expect, test } from 'vitest';
import type { PeerResult } from './peer.ts';
import { peerLines } from './table.ts';

const row = (peer: string, batch: number, concurrency: number, postingsPerSecond?: number): PeerResult => ({
  peer,
  batch,
  concurrency,
  setting: 'version 1',
  notes: 'A store.',
  samples: [],
  faults: [],
  ...(postingsPerSecond === undefined ? { error: 'it cannot be had' } : { postingsPerSecond, p99Ms: 2 }),
});

test('every rate stands below the number of requests in flight that it was measured with', () => {
  const [titles = '', one = '', batch = '', none = ''] = peerLines(
    [row('One', 1, 1, 11), row('One', 1, 64, 22), row('Batch', 50, 2, 33), row('None', 1, 64)],
    { inMemory: false },
  );
  // Columns are parted by two spaces or more.
  expect(titles.trim().split(/ {2,}/).slice(2, 5)).toEqual(['1', '2', '64']);
  expect(one.trim().split(/ {2,}/).slice(2, 5)).toEqual(['11 (2 ms)', '–', '22 (2 ms)']);
  expect(batch.trim().split(/ {2,}/).slice(2, 5)).toEqual(['–', '33 (2 ms)', '–']);
  expect(none).toContain('not measured: it cannot be had');
});
