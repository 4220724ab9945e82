import type { AuditResult } from '../../../src/audit/result.ts';
import type { TestCloud } from '../../support/cloud.ts';

/** Has the audit's state machine check everything, and waits for its end. @throws unless it succeeds */
export async function auditOf({ cloud }: Pick<TestCloud, 'cloud'>, input: unknown): Promise<AuditResult> {
  const ended = await (await cloud.startExecution('Audit', input)).done;
  if (ended.status !== 'SUCCEEDED') throw new Error(`The audit ended as ${JSON.stringify(ended)}`);
  return ended.output as AuditResult; // the state machine's result type
}

/**
 * Lets the audit recompute a tenant's chains, balances and views.
 * @returns every breach it found @throws where it could not check all five invariants, views included
 */
export async function breachesOf(cloud: TestCloud, tenantId: string): Promise<unknown[]> {
  await cloud.cloud.settled();
  const { tenants } = await auditOf(cloud, { tenantId });
  const [audit] = tenants;
  if (!audit) throw new Error(`The audit knows no tenant "${tenantId}"`);
  if (audit.views.state !== 'compared')
    throw new Error(`The audit could not compare the views: they were ${audit.views.state}`);
  return Object.entries(audit.invariants).flatMap(([name, { checked, breaches, evidence }]) => {
    if (checked === 0) throw new Error(`The audit checked nothing of ${name}`);
    return breaches > 0 ? [{ name, breaches, evidence }] : [];
  });
}
