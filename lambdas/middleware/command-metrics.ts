import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Reply } from '../../src/gateway/reply.ts';
import type { Commit } from '../../src/journal/port.ts';

export function countCommits(metrics: Metrics, commits: readonly Commit[]): void {
  for (const { firstSeq, lastSeq } of commits)
    metrics.addMetric('CommitEvents', MetricUnit.Count, lastSeq - firstSeq + 1);
  const events = commits.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
  metrics.addMetric('EventsAppended', MetricUnit.Count, events);
}

/** Counts replies: accepted ones, and refused ones by their code. */
export function countReplies(metrics: Metrics, replies: readonly Reply[]): void {
  const refused = new Map<string, number>();
  for (const reply of replies) {
    if (reply.kind === 'accepted') continue;
    const code = reply.kind === 'violation' ? reply.body.error : reply.code;
    refused.set(code, (refused.get(code) ?? 0) + 1);
  }
  const refusals = [...refused.values()].reduce((sum, count) => sum + count, 0);
  metrics.addMetric('CommandAccepted', MetricUnit.Count, replies.length - refusals);
  metrics.publishStoredMetrics();
  for (const [code, count] of refused) {
    const single = metrics.singleMetric();
    single.addDimension('error', code);
    single.addMetric('CommandRefused', MetricUnit.Count, count);
  }
}
