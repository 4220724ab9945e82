import { auditBy } from '../../../src/cli/audit/audit-machine.ts';
import { TENANT } from './stored-bank.ts';
import type { Up } from './up.ts';

/** Has the audit recompute everything. @returns its findings */
export async function audited(up: Up): Promise<string[]> {
  const { tenants } = await auditBy(up.owner, { tenantId: TENANT });
  const [audit] = tenants;
  if (audit?.views.state !== 'compared') return [`The audit could not compare the views: ${audit?.views.state}`];
  return Object.entries(audit.invariants).flatMap(([name, { checked, breaches, evidence }]) => {
    if (checked === 0) return [`The audit checked nothing of ${name}`];
    return breaches === 0 ? [] : [`The audit found ${breaches} breaches of ${name}: ${JSON.stringify(evidence)}`];
  });
}
