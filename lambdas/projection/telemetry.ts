import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ProjectionMonitor } from '../../src/views/monitor/breach.ts';
import { countBreaches } from '../middleware/breach-metric.ts';

export const logger = new Logger();
export const metrics = new Metrics();

/** Turns what the projection sees into metrics and, for a breach, its evidence in the log. */
export const monitor: ProjectionMonitor = {
  projected({ events, lagMs }) {
    metrics.addMetric('EventsProjected', MetricUnit.Count, events);
    metrics.addMetric('ProjectionLagMs', MetricUnit.Milliseconds, lagMs);
  },
  breach(breach) {
    logger.error('Invariant breached', { ...breach });
    countBreaches(metrics, breach.invariant);
  },
};
