import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MetricsStore } from '../../local/index.ts';
import { sampleReport } from '../report/sample-report.ts';
import { createTerminal } from '../terminal.ts';
import { courseOf } from './course.ts';
import { createPhaseClock } from './phases.ts';
import { progressLine } from './progress.ts';
import { pruneRuns } from './prune-runs.ts';
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

  test('while seeding tells rates over the last two whole seconds', () => {
    const line = progressLine({ metrics: metricsOf(counts), days: 30, start: '2025-01-02', now: () => 10_500 });
    expect(line).toBe('2025-01-02 seeding  15 cmd/s 40 ev/s  2 refused  0 breaches');
  });

  test('while simulating tells the date and the days done', () => {
    const metrics = metricsOf({ ...counts, SimulatedDay: [[9, 2]], InvariantBreaches: [[9, 1]] });
    const line = progressLine({ metrics, days: 30, start: '2025-01-02', now: () => 10_500 });
    expect(line).toBe('2025-01-03 2/30  15 cmd/s 40 ev/s  2 refused  1 breach');
  });

  test('never shows a day before the start', () => {
    // The store of these tests gives every day the date 2025-01-03.
    const metrics = metricsOf({ ...counts, SimulatedDay: [[9, 0]] });
    expect(progressLine({ metrics, days: 30, start: '2025-01-04', now: () => 10_500 })).toMatch(/^2025-01-04 0\/30 /);
  });

  test('shows all of it on a terminal of 80 columns, at the largest run', () => {
    const metrics = metricsOf({
      CommandAccepted: [[9, 120_000]],
      EventsAppended: [[9, 300_000]],
      CommandRefused: [[9, 1_234_567]],
      SimulatedDay: [[9, 3_660]],
      InvariantBreaches: [[9, 0]],
    });
    const line = progressLine({ metrics, days: 3_660, start: '2025-01-02', now: () => 10_500 });
    let shown = '';
    const stderr = { write: (text: string) => (shown += text), isTTY: true, columns: 80 };
    createTerminal({ stdout: stderr, stderr, env: {} }).live(line);
    expect(shown).toMatch(/2025-01-03 3660\/3660 .* cmd\/s .* ev\/s .* refused {2}0 breaches$/);
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

test('of runs the newest 20 are kept, and what is no run', () => {
  const runsDir = mkdtempSync(join(tmpdir(), 'prune-'));
  const names = Array.from({ length: 23 }, (_, index) => `202601${String(index + 1).padStart(2, '0')}T000000-42`);
  for (const name of [...names, 'mine', '20250101']) mkdirSync(join(runsDir, name));
  writeFileSync(join(runsDir, names[0] ?? '', 'report.json'), '{}');
  pruneRuns(runsDir);
  expect(readdirSync(runsDir).toSorted()).toEqual(['20250101', 'mine', ...names.slice(3)].toSorted());
  rmSync(runsDir, { recursive: true });
  expect(() => pruneRuns(runsDir)).not.toThrow();
});

test('a run is named by its time and seed, and repeated by a command without workers', () => {
  const settings = { members: 40, days: 5, start: '2025-01-02', seed: 'a-1', tenantId: 'CU_A', workers: 9 };
  expect(runIdOf(settings, Date.UTC(2026, 10, 21, 18, 30, 5))).toBe('20261121T183005-a-1');
  expect(repeatCommand(settings)).toBe(
    'npm run demo -- --members 40 --days 5 --start 2025-01-02 --seed a-1 --tenant CU_A',
  );
});
