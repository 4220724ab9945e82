import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Breach } from '../../src/views/monitor/breach.ts';
import { countBreaches } from '../middleware/breach-metric.ts';

export const logger = new Logger();
const metrics = new Metrics();

/** Tells of a breach that a rebuild finds in the journal. It may be told anew: whether it was before, the views that it replaces would know. */
export function tellBreach(breach: Breach): void {
  logger.error('Invariant breached', { ...breach });
  countBreaches(metrics, breach.invariant);
}
