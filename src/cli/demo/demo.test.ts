import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MetricsStore } from '../../local/index.ts';
import { sampleReport } from '../report/sample-report.ts';
import { createTerminal } from '../terminal.ts';
import { courseOf } from './course.ts';
import { createPhaseClock } from './phases.ts';
import { progressLine } from './progress.ts';
import { serveReports, writeReport } from './report-files.ts';
import { repeatCommand, runIdOf } from './settings.ts';

/** A store that knows these values, each with the second in which it was measured. */
function metricsOf(measured: Record<string, [second: number, value: number][]>): MetricsStore {
  return {
    names: () => Object.keys(measured),
    latest(name) {
      const [second, value] = measured[name]?.at(-1) ?? [];
      if (second === undefined || value === undefined) return undefined;
      return { value, atMs: second * 1000, properties: { simulatedDate: '2025-01-03' } };
    },
    query(name, { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY }: Parameters<MetricsStore['query']>[1] = {}) {
      const values = (measured[name] ?? []).filter(
        ([second]) => second * 1000 + 999 >= sinceMs && second * 1000 <= untilMs,
      );
      const series = values.map(([second, value]) => ({ atMs: second * 1000, sum: value, count: 2, p95: value }));
      const sum = values.reduce((total, [, value]) => total + value, 0);
      return { sum, count: values.length, min: 0, max: 0, percentiles: { p50: 0, p95: 0, p99: 0 }, series };
    },
  };
}

describe('progressLine', () => {
  const counts = {
    CommandAccepted: [
      [8, 10],
      [9, 20],
    ],
    EventsAppended: [
      [8, 30],
      [9, 50],
    ],
    CommandRefused: [[8, 2]],
  } satisfies Record<string, [number, number][]>;

  test('while seeding tells the commands, and rates over the last two whole seconds', () => {
    const line = progressLine({ metrics: metricsOf(counts), days: 30, now: () => 10_500 });
    expect(line).toBe('seed      32 commands  15 commands/s  40 events/s  refused 2  breaches 0');
  });

  test('while simulating tells the date and the days done', () => {
    const metrics = metricsOf({ ...counts, SimulatedDay: [[9, 2]], InvariantBreaches: [[9, 1]] });
    const line = progressLine({ metrics, days: 30, now: () => 10_500 });
    expect(line).toBe('simulate  2025-01-03  2 of 30 days  15 commands/s  40 events/s  refused 2  breaches 1');
  });
});

test('courseOf has a value for each second of the range, and gaps where nothing was timed', () => {
  const metrics = metricsOf({
    CommandAccepted: [
      [9, 99],
      [10, 5],
      [12, 7],
    ],
    CommandRefused: [[12, 1]],
    EventsAppended: [[12, 9]],
    CommandLatencyMs: [[12, 30]],
  });
  expect(courseOf(metrics, { sinceMs: 10_200, untilMs: 12_100 })).toEqual({
    atSeconds: [0, 1, 2],
    commands: [5, 0, 8],
    events: [0, 0, 9],
    latencyMeanMs: [null, null, 15],
    latencyP95Ms: [null, null, 30],
  });
});

test('the phase clock times each phase from the end of the one before', () => {
  let nowMs = 1000;
  let text = '';
  const stream = { write: (more: string) => (text += more) };
  const clock = createPhaseClock(createTerminal({ stdout: stream, stderr: stream, env: {} }), () => nowMs);
  nowMs = 3500;
  clock.done('synth', 'template');
  nowMs = 9000;
  clock.done('start', 'cloud', 4000);
  clock.done('seed', 'members');
  expect(clock.durations()).toEqual({ synthMs: 2500, startMs: 500, seedMs: 5000, simulateMs: 0, verifyMs: 0 });
  expect(text).toMatch(/✓ synth +2\.5 s {2}template\n✓ start +500 ms {2}cloud\n/);
});

describe('reports over HTTP', () => {
  const runsDir = mkdtempSync(join(tmpdir(), 'runs-'));
  const report = sampleReport();
  writeReport(join(runsDir, report.runId), report);
  const respond = serveReports(runsDir);
  afterAll(() => rmSync(runsDir, { recursive: true, force: true }));

  test('the page and the JSON are served', async () => {
    const page = await respond(`/reports/${report.runId}/report.html`);
    expect(page).toMatchObject({ status: 200, contentType: 'text/html; charset=utf-8' });
    const json = await respond(`/reports/${report.runId}/report.json`);
    expect(JSON.parse(String(json?.body))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  test.each(['/reports/other/report.html', '/reports/x/report.json'])('%s is told to be missing', async (path) => {
    expect(await respond(path)).toMatchObject({ status: 404 });
  });

  test.each([
    '/reports',
    `/reports/${report.runId}/cloud.log`,
    '/reports/../report.html',
    '/reports/../../package.json',
    '/reports/%2e%2e/report.html',
    `/reports/${report.runId}/../report.html`,
  ])('%s is not served', async (path) => {
    expect(await respond(path)).toBeUndefined();
  });
});

test('a run is named by its time and seed, and repeated by a command without workers', () => {
  const settings = { members: 40, days: 5, start: '2025-01-02', seed: 'a-1', tenantId: 'CU_A', workers: 9 };
  expect(runIdOf(settings, Date.UTC(2026, 10, 21, 18, 30, 5))).toBe('20261121T183005-a-1');
  expect(repeatCommand(settings)).toBe(
    'npm run demo -- --members 40 --days 5 --start 2025-01-02 --seed a-1 --tenant CU_A',
  );
});
