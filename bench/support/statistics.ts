/** Median, least and greatest of some values. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @throws RangeError without values */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = ascending(samples);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError('Cannot tell the spread of no samples');
  const middle = Math.floor(sorted.length / 2);
  const [below = min, above = min] = [sorted[middle - 1], sorted[middle]];
  return { median: sorted.length % 2 === 1 ? above : (below + above) / 2, min, max };
}

export function medianOf(samples: readonly number[]): number {
  return spreadOf(samples).median;
}

export type Percentiles = Record<'p50' | 'p95' | 'p99' | 'max', number>;

/** Percentiles by nearest rank: the least value that so many percent of all do not exceed. All 0 without values. */
export function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = ascending(samples);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function ascending(samples: readonly number[]): number[] {
  return samples.toSorted((a, b) => a - b);
}
