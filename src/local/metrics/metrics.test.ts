import { describe, expect, it } from 'vitest';
import { type Measurement, parseEmf } from './emf.ts';
import { createMetricsStore } from './store.ts';

const line = (members: Record<string, unknown>, metrics: string[], dimensions: string[] = ['service']) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1_700_000_000_123,
      CloudWatchMetrics: [
        {
          Namespace: 'TuringCore',
          Dimensions: [dimensions],
          Metrics: metrics.map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    service: 'command',
    ...members,
  });

describe('embedded metrics', () => {
  it('are read with dimensions, properties and lists of values', () => {
    expect(
      parseEmf(line({ Accepted: [1, 2], error: 'X', simulatedDate: '2026-01-05' }, ['Accepted'], ['service', 'error'])),
    ).toEqual(
      [1, 2].map((value) => ({
        name: 'Accepted',
        value,
        unit: 'Count',
        dimensions: { service: 'command', error: 'X' },
        properties: { simulatedDate: '2026-01-05' },
        atMs: 1_700_000_000_123,
      })),
    );
  });

  it.each([['hello'], ['{"level":"INFO"}'], ['{"_aws": not json'], ['{"_aws":{"Timestamp":1}}']])(
    '%s is no metric',
    (text) => {
      expect(parseEmf(text)).toBeUndefined();
    },
  );
});

describe('the store', () => {
  const measure = (name: string, value: number, more: Partial<Measurement> = {}): Measurement => ({
    name,
    value,
    unit: 'Count',
    dimensions: { service: 'command' },
    properties: {},
    atMs: 1_000_000,
    ...more,
  });

  it('sums, counts and finds percentiles within 1 %', () => {
    const store = createMetricsStore();
    for (let value = 1; value <= 1_000; value++) store.add(measure('Latency', value));
    const { sum, count, min, max, percentiles } = store.query('Latency');
    expect({ sum, count, min, max }).toEqual({ sum: 500_500, count: 1_000, min: 1, max: 1_000 });
    for (const [share, actual] of [
      [500, percentiles.p50],
      [950, percentiles.p95],
      [990, percentiles.p99],
    ] as const) {
      expect(Math.abs(actual - share) / share).toBeLessThan(0.011);
    }
  });

  it('chooses by dimensions and time, and gives the course by second', () => {
    const store = createMetricsStore();
    store.add(measure('Refused', 1, { dimensions: { service: 'command', error: 'A' }, atMs: 5_100 }));
    store.add(measure('Refused', 2, { dimensions: { service: 'command', error: 'B' }, atMs: 5_900 }));
    store.add(measure('Refused', 4, { dimensions: { service: 'command', error: 'A' }, atMs: 7_000 }));
    expect(store.query('Refused').sum).toBe(7);
    expect(store.query('Refused', { dimensions: { error: 'A' } }).sum).toBe(5);
    expect(store.query('Refused', { dimensions: { error: 'A' }, sinceMs: 6_000 }).sum).toBe(4);
    expect(store.query('Refused', { untilMs: 6_000 }).sum).toBe(3);
    expect(store.query('Refused').series.map(({ atMs, sum, count }) => [atMs, sum, count])).toEqual([
      [5_000, 3, 2],
      [7_000, 4, 1],
    ]);
  });

  it('answers zero for what was never measured', () => {
    expect(createMetricsStore().query('None')).toMatchObject({
      sum: 0,
      count: 0,
      min: 0,
      max: 0,
      percentiles: { p50: 0, p95: 0, p99: 0 },
      series: [],
    });
    expect(createMetricsStore().latest('None')).toBeUndefined();
  });

  it('keeps the latest value with its properties', () => {
    const store = createMetricsStore();
    store.add(measure('SimulatedDay', 1, { properties: { simulatedDate: '2026-01-01' } }));
    store.add(measure('SimulatedDay', 2, { properties: { simulatedDate: '2026-01-02' }, atMs: 2_000_000 }));
    expect(store.latest('SimulatedDay')).toEqual({
      value: 2,
      atMs: 2_000_000,
      properties: { simulatedDate: '2026-01-02' },
    });
  });

  it('keeps a bounded number of seconds and no sum is lost', () => {
    const store = createMetricsStore();
    for (let second = 0; second < 8_000; second++) store.add(measure('Events', 1, { atMs: second * 1_000 }));
    const { sum, series } = store.query('Events');
    expect(sum).toBe(8_000);
    expect(series).toHaveLength(7_200);
  });
});
