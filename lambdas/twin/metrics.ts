import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import type { TwinMetrics } from '../../src/twin/index.ts';

/**
 * Metrics of the twin as EMF lines. CommandLatencyMs holds one value per request: the round trip that each of the
 * request's commands, 250 at most, had to wait. Powertools writes a line whenever a metric has 100 values, EMF's limit.
 */
export function twinMetrics(metrics: Metrics): TwinMetrics {
  return {
    requested({ latencyMs, commands }) {
      metrics.addMetric('CommandLatencyMs', MetricUnit.Milliseconds, latencyMs);
      metrics.addMetric('CommandsSent', MetricUnit.Count, commands);
    },
    refused(count) {
      if (count > 0) metrics.addMetric('CommandsRefused', MetricUnit.Count, count);
    },
    unexpected(count) {
      if (count > 0) metrics.addMetric('CommandsUnexpected', MetricUnit.Count, count);
    },
    dayEnded({ day, date }) {
      // In a line of its own: the date belongs to this metric alone.
      const single = metrics.singleMetric();
      single.addMetadata('simulatedDate', date);
      single.addMetric('SimulatedDay', MetricUnit.Count, day);
    },
  };
}
