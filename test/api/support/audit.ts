import type { AuditResult } from '../../../src/audit/result.ts';
import type { TestCloud } from '../../support/cloud.ts';

/**
 * Lets the audit function recompute a tenant's chains, balances and views.
 * @returns every breach it found @throws where it could not check all five invariants, views included
 */
export async function breachesOf(cloud: TestCloud, tenantId: string): Promise<unknown[]> {
  await cloud.cloud.settled();
  const { tenants } = (await cloud.cloud.invoke('AuditFunction', { tenantId })) as AuditResult; // the function's result type
  const [audit] = tenants;
  if (!audit) throw new Error(`The audit knows no tenant "${tenantId}"`);
  if (audit.views.state !== 'compared')
    throw new Error(`The audit could not compare the views: they were ${audit.views.state}`);
  return Object.entries(audit.invariants).flatMap(([name, { checked, breaches, evidence }]) => {
    if (checked === 0) throw new Error(`The audit checked nothing of ${name}`);
    return breaches > 0 ? [{ name, breaches, evidence }] : [];
  });
}
