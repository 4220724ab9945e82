import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { audit } from '../../src/audit/audit.ts';
import { createDynamoSource } from '../../src/audit/dynamodb-source.ts';
import type { AuditResult } from '../../src/audit/result.ts';
import { INVARIANTS } from '../../src/contract/invariants.ts';
import { tenantCode } from '../../src/contract/primitives.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { isTask, runTask } from './tasks.ts';

const WAIT_MAX_MS = 60_000;
const input = z.strictObject({ tenantId: tenantCode.optional(), waitMs: z.int().min(0).max(WAIT_MAX_MS).optional() });

const { JOURNAL_TABLE, VIEWS_TABLE } = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE');
const source = createDynamoSource({
  client: createDynamoDb(),
  journalTable: JOURNAL_TABLE,
  viewsTable: VIEWS_TABLE,
});
const logger = new Logger();
const metrics = new Metrics();

/**
 * Checks the five invariants over one tenant or all: `{ tenantId?, waitMs? }` gives an `AuditResult`. With a `task` it does one
 * of those that the state machine divides a large audit into.
 */
export async function handler(event: unknown): Promise<unknown> {
  if (isTask(event)) return runTask(event, source, tell);
  const result = await audit({ source, ...input.parse(event ?? {}) });
  tell(result);
  return result;
}

function tell(result: AuditResult): void {
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
    const single = metrics.singleMetric();
    single.addDimension('invariant', name);
    single.addMetric('InvariantBreaches', MetricUnit.Count, breaches);
  }
}
