import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { InvariantName } from '../../src/contract/invariants.ts';

/** Counts breaches of an invariant where the alarm and the dashboard look for them, whichever function has found them. */
export function countBreaches(metrics: Metrics, invariant: InvariantName, breaches = 1): void {
  const single = metrics.singleMetric();
  single.addDimension('invariant', invariant);
  single.addMetric('InvariantBreaches', MetricUnit.Count, breaches);
}
