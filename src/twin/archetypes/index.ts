import type { Archetype } from './archetype.ts';
import { CU_DIGITAL } from './cu-digital.ts';

const ARCHETYPES: ReadonlyMap<string, Archetype> = new Map([['CU_DIGITAL', CU_DIGITAL]]);

/**
 * The archetype that lives in a tenant. Another tenant code gets CU_DIGITAL's way of life under its own name,
 * so that a run can be made beside one that exists.
 */
export function archetypeOf(tenantId: string): Archetype {
  const known = ARCHETYPES.get(tenantId);
  if (known) return known;
  return {
    ...CU_DIGITAL,
    tenant: { ...CU_DIGITAL.tenant, tenantCode: tenantId, displayName: `${tenantId} (digital twin)` },
  };
}
