import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Reply } from '../../src/gateway/reply.ts';
import type { Commit } from '../../src/journal/port.ts';

/** Counts what the command function does, and writes it down once a request. */
export function createCommandMetrics(metrics: Metrics): {
  commits: (commits: readonly Commit[]) => void;
  replies: (replies: readonly Reply[]) => void;
} {
  let appended = 0;
  return {
    commits(commits) {
      for (const { firstSeq, lastSeq } of commits) {
        const events = lastSeq - firstSeq + 1;
        metrics.addMetric('CommitEvents', MetricUnit.Count, events);
        appended += events;
      }
    },
    replies(replies) {
      if (appended > 0) metrics.addMetric('EventsAppended', MetricUnit.Count, appended);
      appended = 0;
      countReplies(metrics, replies);
    },
  };
}

/** Counts replies: accepted ones, and refused ones by their code. */
function countReplies(metrics: Metrics, replies: readonly Reply[]): void {
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
