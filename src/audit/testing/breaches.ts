import { INVARIANTS, type InvariantName } from '../../contract/invariants.ts';
import { audit } from '../audit.ts';
import type { AuditResult, Evidence } from '../result.ts';
import type { StoredItem } from '../source.ts';
import { auditInPieces } from './in-pieces.ts';
import { memorySource, projectViews } from './memory-source.ts';

export type Breaches = Partial<Record<InvariantName, Evidence[]>>;

/**
 * Audits a journal with the views that the projections make of it, at once and in pieces.
 * @param options.spans whether damage is seen from two chains, so that two pieces tell of it
 * @returns the evidence by broken invariant
 * @throws when the two do not find the same
 */
export async function breachesOf(
  journal: StoredItem[],
  views?: StoredItem[],
  options: { spans?: boolean | undefined } = {},
): Promise<Breaches> {
  const { spans = false } = options;
  const source = memorySource({ journal, views: views ?? (await projectViews(journal)) });
  const atOnce = await audit({ source, waitMs: 0 });
  const [should, is] = [foundIn(atOnce), foundIn(await auditInPieces({ source }))];
  const isEqual = spans ? should.every((found) => is.includes(found)) : should.join() === is.join();
  if (!isEqual) throw new Error(`In pieces the audit finds ${is.join()}, at once ${should.join()}`);
  return breachesIn(atOnce);
}

function breachesIn({ tenants }: AuditResult): Breaches {
  const found: Breaches = {};
  for (const name of INVARIANTS) {
    const evidence = tenants.flatMap((tenant) => tenant.invariants[name].evidence);
    if (evidence.length > 0) found[name] = evidence;
  }
  return found;
}

/** Breaches with their evidence, in an order that does not hang on which chain was read first. */
function foundIn({ tenants, invariants }: AuditResult): string[] {
  return INVARIANTS.flatMap((name) => {
    const evidence = tenants.flatMap((tenant) => tenant.invariants[name].evidence);
    const untold = Array.from(
      { length: invariants[name].breaches - evidence.length },
      () => `${name} without evidence`,
    );
    return [...evidence.map((each) => `${name} ${JSON.stringify(each)}`), ...untold];
  }).toSorted();
}
