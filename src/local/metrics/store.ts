import type { Measurement } from './emf.ts';
import { createHistogram, type Histogram, merge, percentile, record } from './histogram.ts';

export interface MetricQuery {
  /** Only measurements that carry these dimensions (they may carry more). */
  dimensions?: Record<string, string>;
  /** Only seconds from this moment on, in milliseconds since 1970. */
  sinceMs?: number;
  untilMs?: number;
}

export interface MetricSummary {
  sum: number;
  count: number;
  /** 0 when nothing was measured. */
  min: number;
  max: number;
  percentiles: { p50: number; p95: number; p99: number };
  /** One entry for each second in which something was measured. */
  series: { atMs: number; sum: number; count: number; p95: number }[];
}

export interface LatestMeasurement {
  value: number;
  atMs: number;
  properties: Record<string, unknown>;
}

/** What the functions measured, kept by second. */
export interface MetricsStore {
  /** Sums, percentiles (within 1 %) and the course of a metric; all zero when nothing was measured. */
  query(name: string, query?: MetricQuery): MetricSummary;
  /** The last measurement of a metric, with the properties of its log line. */
  latest(name: string): LatestMeasurement | undefined;
  names(): string[];
}

/** Seconds kept for each metric and set of dimensions; older ones flow together into one. */
const secondsKept = 7_200;
/** Distinct metrics with dimensions: a bound on what a faulty function can do to memory. */
const seriesLimit = 1_000;

interface Series {
  name: string;
  dimensions: Record<string, string>;
  seconds: Map<number, Histogram>;
  /** What left `seconds`. */
  older: Histogram;
  olderUntilSecond: number;
}

export function createMetricsStore(): MetricsStore & { add(measurement: Measurement): void } {
  const all = new Map<string, Series>();
  const lastByName = new Map<string, LatestMeasurement>();

  function seriesOf({ name, dimensions }: Measurement): Series | undefined {
    const key = JSON.stringify([name, dimensions]);
    let series = all.get(key);
    if (series === undefined && all.size < seriesLimit) {
      series = { name, dimensions, seconds: new Map(), older: createHistogram(), olderUntilSecond: 0 };
      all.set(key, series);
    }
    return series;
  }

  return {
    add(measurement) {
      const { name, value, atMs, properties } = measurement;
      lastByName.set(name, { value, atMs, properties });
      const series = seriesOf(measurement);
      if (series === undefined) return;
      const second = Math.floor(atMs / 1_000);
      let histogram = series.seconds.get(second);
      if (histogram === undefined) {
        histogram = createHistogram();
        series.seconds.set(second, histogram);
        for (const [oldest, values] of series.seconds) {
          if (series.seconds.size <= secondsKept) break;
          merge(series.older, values);
          series.olderUntilSecond = Math.max(series.olderUntilSecond, oldest);
          series.seconds.delete(oldest);
        }
      }
      record(histogram, value);
    },
    query(name, { dimensions = {}, sinceMs = 0, untilMs = Number.POSITIVE_INFINITY } = {}) {
      const total = createHistogram();
      const bySecond = new Map<number, Histogram>();
      for (const series of all.values()) {
        if (
          series.name !== name ||
          !Object.entries(dimensions).every(([key, value]) => series.dimensions[key] === value)
        )
          continue;
        if (series.olderUntilSecond * 1_000 >= sinceMs) merge(total, series.older);
        for (const [second, histogram] of series.seconds) {
          if (second * 1_000 + 999 < sinceMs || second * 1_000 > untilMs) continue;
          merge(total, histogram);
          const merged = bySecond.get(second) ?? createHistogram();
          merge(merged, histogram);
          bySecond.set(second, merged);
        }
      }
      return {
        sum: total.sum,
        count: total.count,
        min: total.count === 0 ? 0 : total.min,
        max: total.count === 0 ? 0 : total.max,
        percentiles: { p50: percentile(total, 0.5), p95: percentile(total, 0.95), p99: percentile(total, 0.99) },
        series: [...bySecond]
          .sort(([a], [b]) => a - b)
          .map(([second, histogram]) => ({
            atMs: second * 1_000,
            sum: histogram.sum,
            count: histogram.count,
            p95: percentile(histogram, 0.95),
          })),
      };
    },
    latest: (name) => lastByName.get(name),
    names: () => [...new Set([...all.values()].map((series) => series.name))],
  };
}
