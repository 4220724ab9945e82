import { INVARIANTS, type InvariantName } from '../../contract/invariants.ts';
import { audit } from '../audit.ts';
import type { Evidence } from '../result.ts';
import type { StoredItem } from '../source.ts';
import { memorySource, projectViews } from './memory-source.ts';

export type Breaches = Partial<Record<InvariantName, Evidence[]>>;

/** Audits a journal with the views that the projections make of it. @returns the evidence by broken invariant */
export async function breachesOf(journal: StoredItem[], views?: StoredItem[]): Promise<Breaches> {
  const source = memorySource({ journal, views: views ?? (await projectViews(journal)) });
  const { tenants } = await audit({ source, waitMs: 0 });
  const found: Breaches = {};
  for (const name of INVARIANTS) {
    const evidence = tenants.flatMap((tenant) => tenant.invariants[name].evidence);
    if (evidence.length > 0) found[name] = evidence;
  }
  return found;
}
