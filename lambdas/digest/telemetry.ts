import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { countBreaches } from '../middleware/breach-metric.ts';
import type { TenantDigest } from './digest-tenant.ts';

export const logger = new Logger();
const metrics = new Metrics();

/** Writes down what came of a tenant: what was made, or a breach with its evidence for each chain that cannot be signed. */
export function report({ tenantId, outcome, number, key, faults }: TenantDigest): void {
  switch (outcome) {
    case 'unchanged':
      return;
    case 'made':
      logger.info('Made a digest', { tenantId, number, key });
      metrics.addMetric('DigestsMade', MetricUnit.Count, 1);
      return;
    case 'refused':
      for (const { chain, seq, reason } of faults) {
        const evidence = { lastDigest: number };
        logger.error('Invariant breached', { invariant: 'HASH_CHAIN', tenantId, chain, seq, reason, evidence });
        countBreaches(metrics, 'HASH_CHAIN');
      }
      return;
    default:
      outcome satisfies never;
  }
}

/** Writes down for whom there was no time, or not enough of it. */
export function reportLeft(left: readonly string[]): void {
  if (left.length === 0) return;
  logger.warn('There was no time to cover all of every tenant', { left });
  metrics.addMetric('TenantsLeft', MetricUnit.Count, left.length);
}

export function publishMetrics(): void {
  metrics.publishStoredMetrics();
}
