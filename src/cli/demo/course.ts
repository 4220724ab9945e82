import type { MetricSummary, MetricsStore } from '../../local/index.ts';
import type { Report } from '../report/report.ts';

type Series = MetricSummary['series'];

/** The course of a run, second by second, from the functions' metrics. */
export function courseOf(metrics: MetricsStore, range: { sinceMs: number; untilMs: number }): Report['course'] {
  const firstSecond = Math.floor(range.sinceMs / 1000);
  const lastSecond = Math.floor(range.untilMs / 1000);
  const series = (name: string): Map<number, Series[number]> =>
    new Map(metrics.query(name, range).series.map((point) => [Math.floor(point.atMs / 1000), point]));
  const accepted = series('CommandAccepted');
  const refused = series('CommandRefused');
  const events = series('EventsAppended');
  const latency = series('CommandLatencyMs');
  const seconds = Array.from({ length: lastSecond - firstSecond + 1 }, (_, index) => firstSecond + index);
  return {
    atSeconds: seconds.map((second) => second - firstSecond),
    commands: seconds.map((second) => (accepted.get(second)?.sum ?? 0) + (refused.get(second)?.sum ?? 0)),
    events: seconds.map((second) => events.get(second)?.sum ?? 0),
    latencyMeanMs: seconds.map((second) => {
      const point = latency.get(second);
      return point === undefined ? null : point.sum / point.count;
    }),
    latencyP95Ms: seconds.map((second) => latency.get(second)?.p95 ?? null),
  };
}
