import { expect } from 'vitest';
import type { AuditResult, TenantAudit } from '../../../src/audit/result.ts';
import type { TestCloud } from '../../support/cloud.ts';

/** Lets the audit function recompute a tenant's chains, balances and views, and fails for any breach. @returns its findings */
export async function auditClean(cloud: TestCloud, tenantId: string): Promise<TenantAudit> {
  await cloud.cloud.settled();
  const { tenants } = (await cloud.cloud.invoke('AuditFunction', { tenantId })) as AuditResult; // the function's result type
  const [audit] = tenants;
  if (!audit) throw new Error(`The audit knows no tenant "${tenantId}"`);
  expect(audit.views.state).toBe('compared');
  for (const [name, { checked, breaches, evidence }] of Object.entries(audit.invariants)) {
    expect({ name, breaches, evidence }).toEqual({ name, breaches: 0, evidence: [] });
    expect(checked).toBeGreaterThan(0);
  }
  return audit;
}
