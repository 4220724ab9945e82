import { digestOfTenant } from './digest.ts';
import { createFindings, type Findings } from './findings.ts';
import type { TenantAudit } from './result.ts';
import { shortened } from './shortened.ts';
import type { StoredItem } from './source.ts';
import { createStatistics } from './statistics.ts';
import { tenantOf } from './view-audit.ts';

/** Most strangers that are told of. */
const STRANGERS_MAX = 10;
/** Most that are kept: some of them may turn out to be new tenants. */
const STRANGERS_KEPT = 100;

/** A key may be of any length, up to 2 KB. */
const NAME_MAX_LENGTH = 64;

/** Items of both tables under keys of tenants that do not exist. */
interface Strays {
  take(item: StoredItem): void;
  /** @param tenants the registry, read once more: tenants may be created meanwhile @returns what was found, a tenant each */
  result(tenants: () => Promise<readonly string[]>): Promise<TenantAudit[]>;
}

/** @param known tenants that there are */
export function createStrays(known: readonly string[] = []): Strays {
  const ours = new Set(known);
  const strangers = new Map<string, Findings>();
  return {
    take(item) {
      const tenantId = tenantOf(item);
      if (ours.has(tenantId)) return;
      if (strangers.size === STRANGERS_KEPT && !strangers.has(tenantId)) return;
      const findings = strangers.get(tenantId) ?? createFindings(shortened(tenantId, NAME_MAX_LENGTH));
      strangers.set(tenantId, findings);
      findings.check(
        'TENANT_ISOLATION',
        false,
        {},
        () => `Item ${String(item['pk'])} / ${String(item['sk'])} belongs to no tenant of the registry`,
      );
    },
    async result(tenants) {
      if (strangers.size === 0) return [];
      const now = new Set(await tenants());
      return [...strangers]
        .filter(([id]) => !now.has(id))
        .slice(0, STRANGERS_MAX)
        .map(strangerTenant);
    },
  };
}

/** A tenant that only stray items name has no chains. */
function strangerTenant([key, findings]: [string, Findings]): TenantAudit {
  const tenantId = shortened(key, NAME_MAX_LENGTH);
  return {
    tenantId,
    digest: digestOfTenant(tenantId, []),
    chains: [],
    statistics: createStatistics().result(),
    views: { state: 'compared', rows: 0, waitedMs: 0 },
    notes: [],
    invariants: findings.report(),
  };
}
