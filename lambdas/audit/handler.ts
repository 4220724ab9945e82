import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { createDynamoSource } from '../../src/audit/dynamodb-source.ts';
import type { AuditResult } from '../../src/audit/result.ts';
import { INVARIANTS } from '../../src/contract/invariants.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { runTask } from './tasks.ts';

const { JOURNAL_TABLE, VIEWS_TABLE } = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE');
const source = createDynamoSource({
  client: createDynamoDb(),
  journalTable: JOURNAL_TABLE,
  viewsTable: VIEWS_TABLE,
});
const logger = new Logger();
const metrics = new Metrics();

/** Does one task of the state machine that audits the ledger: `stepfunctions/audit` has them, and what each answers. */
export async function handler(event: unknown): Promise<unknown> {
  return runTask(event, source, tell);
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
