/** Buckets grow by 2 %, so that a percentile is off by 1 % at most, at any size of value. */
const growth = Math.log(1.02);
/** Values up to this count as the smallest bucket: far below a microsecond where the unit is milliseconds. */
const smallest = 1e-4;

/** Counts, sum and approximate percentiles of values, in little memory and mergeable. */
export interface Histogram {
  count: number;
  sum: number;
  min: number;
  max: number;
  buckets: Map<number, number>;
}

export function createHistogram(): Histogram {
  return { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, buckets: new Map() };
}

export function record(histogram: Histogram, value: number): void {
  histogram.count++;
  histogram.sum += value;
  histogram.min = Math.min(histogram.min, value);
  histogram.max = Math.max(histogram.max, value);
  const bucket = Math.round(Math.log(Math.max(value, smallest)) / growth);
  histogram.buckets.set(bucket, (histogram.buckets.get(bucket) ?? 0) + 1);
}

export function merge(into: Histogram, from: Histogram): void {
  into.count += from.count;
  into.sum += from.sum;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  for (const [bucket, count] of from.buckets) into.buckets.set(bucket, (into.buckets.get(bucket) ?? 0) + count);
}

/** Value below which the given share (0 to 1) of the values lies; 0 when there are none. */
export function percentile(histogram: Histogram, share: number): number {
  if (histogram.count === 0) return 0;
  let left = Math.ceil(share * histogram.count);
  for (const bucket of [...histogram.buckets.keys()].sort((a, b) => a - b)) {
    left -= histogram.buckets.get(bucket) ?? 0;
    if (left <= 0) return Math.min(Math.max(Math.exp(bucket * growth), histogram.min), histogram.max);
  }
  return histogram.max;
}
