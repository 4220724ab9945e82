import { digestOfTenant } from './digest.ts';
import { createFindings, type Findings } from './findings.ts';
import type { TenantAudit } from './result.ts';
import type { AuditSource, StoredItem } from './source.ts';
import { createStatistics } from './statistics.ts';
import { tenantOf } from './view-audit.ts';

/** Items of both tables under keys of tenants that do not exist. */
interface Strays {
  take(item: StoredItem): void;
  isEmpty(): boolean;
  /** @param known tenants that do exist after all @returns what was found, a tenant each */
  result(known: readonly string[]): TenantAudit[];
}

export function createStrays(): Strays {
  const strangers = new Map<string, Findings>();
  return {
    take(item) {
      const tenantId = tenantOf(item);
      const findings = strangers.get(tenantId) ?? createFindings(tenantId);
      strangers.set(tenantId, findings);
      findings.check(
        'TENANT_ISOLATION',
        false,
        {},
        () => `Item ${String(item['pk'])} / ${String(item['sk'])} belongs to no tenant of the registry`,
      );
    },
    isEmpty: () => strangers.size === 0,
    result: (known) => [...strangers].filter(([id]) => !known.includes(id)).map(strangerTenant),
  };
}

/** A tenant that only stray items name has no chains. */
function strangerTenant([tenantId, findings]: [string, Findings]): TenantAudit {
  return {
    tenantId,
    digest: digestOfTenant(tenantId, []),
    chains: [],
    statistics: createStatistics().result(),
    views: { state: 'compared', rows: 0, waitedMs: 0 },
    invariants: findings.report(),
  };
}

/** Most strangers, and items of each table, that are told of. */
const STRANGERS_MAX = 10;
const ITEMS_MAX = 100;

/** Looks through both tables for items of tenants that the registry does not have. */
export async function auditStrays(source: AuditSource, tenants: readonly string[]): Promise<TenantAudit[]> {
  const known = new Set(tenants);
  const strays = createStrays();
  for (const pages of [
    source.otherItems({ chainPks: [], tenantId: undefined }),
    source.viewRows({ tenantId: undefined }),
  ]) {
    let taken = 0;
    for await (const page of pages)
      for (const item of page) if (!known.has(tenantOf(item)) && taken++ < ITEMS_MAX) strays.take(item);
  }
  return strays.result(strays.isEmpty() ? [] : await source.tenants()).slice(0, STRANGERS_MAX);
}
