import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { AuditResult } from '../../src/audit/result.ts';
import { INVARIANTS } from '../../src/contract/invariants.ts';
import { countBreaches } from '../middleware/breach-metric.ts';

const logger = new Logger();
const metrics = new Metrics();

/** Logs what an audit has found, and counts its breaches. */
export function tell(result: AuditResult): void {
  logger.info('Audited', { digest: result.digest, tenants: result.tenants.length, invariants: result.invariants });
  raise(result);
}

/** Counts breaches where the alarm sees them, and logs the evidence. */
function raise({ invariants, tenants }: AuditResult): void {
  for (const name of INVARIANTS) {
    const { breaches } = invariants[name];
    if (breaches === 0) continue;
    const evidence = tenants.flatMap((tenant) => tenant.invariants[name].evidence);
    logger.error('Invariant breached', { invariant: name, breaches, evidence });
    countBreaches(metrics, name, breaches);
  }
}
