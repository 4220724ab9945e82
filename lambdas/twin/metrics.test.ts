import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { twinMetrics } from './metrics.ts';

interface EmfLine {
  _aws: { CloudWatchMetrics: { Namespace: string; Metrics: { Name: string; Unit: string }[] }[] };
  [name: string]: unknown;
}

const lines: EmfLine[] = [];
beforeEach(() => {
  lines.length = 0;
  // In development mode Powertools writes by the global console, which can be listened to, but is silent by default.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(JSON.parse(text) as EmfLine));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const valuesOf = (name: string) => lines.flatMap((line) => line[name] ?? []);

test('no line holds more than the 100 values that EMF allows, and none is lost', () => {
  const metrics = new Metrics({ namespace: 'TuringCore', serviceName: 'twin' });
  const twin = twinMetrics(metrics);
  for (let request = 1; request <= 250; request += 1) twin.requested({ latencyMs: request, commands: 100 });
  metrics.publishStoredMetrics();
  for (const line of lines) expect([line['CommandLatencyMs']].flat().length).toBeLessThanOrEqual(100);
  expect(valuesOf('CommandLatencyMs')).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  const sent = lines.flatMap((line) => line['CommandsSent'] as number | number[]);
  expect(sent.reduce((sum, count) => sum + count, 0)).toBe(25_000);
});

test('the simulated day stands alone with its date; zeros are not reported', () => {
  const metrics = new Metrics({ namespace: 'TuringCore', serviceName: 'twin' });
  const twin = twinMetrics(metrics);
  twin.refused(0);
  twin.unexpected(0);
  twin.refused(2);
  twin.dayEnded({ day: 3, date: '2025-01-04' });
  metrics.publishStoredMetrics();
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({ SimulatedDay: 3, simulatedDate: '2025-01-04', service: 'twin' });
  expect(lines[0]?._aws.CloudWatchMetrics[0]?.Metrics).toEqual([{ Name: 'SimulatedDay', Unit: 'Count' }]);
  expect(lines[1]).toMatchObject({ CommandsRefused: 2 });
  expect(lines[1]).not.toHaveProperty('CommandsUnexpected');
});
