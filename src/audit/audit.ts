import { setTimeout as sleep } from 'node:timers/promises';
import { daysMaxFor } from './bounds.ts';
import { digestOfTenant, digestOfTenants } from './digest.ts';
import { createFindings, type Findings, sumOfFindings } from './findings.ts';
import type { AuditResult, TenantAudit } from './result.ts';
import type { AuditSource, StoredItem } from './source.ts';
import { createStatistics } from './statistics.ts';
import { TenantReader } from './tenant-reader.ts';
import { auditViews, type Clock, tenantOf } from './view-audit.ts';

const DEFAULT_WAIT_MS = 10_000;

export interface AuditOptions {
  source: AuditSource;
  /** Absent: all tenants of the registry. */
  tenantId?: string | undefined;
  /** Most time that the views may take to reach what was read of the journal. Default 10,000. */
  waitMs?: number | undefined;
  clock?: Clock;
}

export class TenantUnknownError extends Error {
  readonly code = 'TENANT_UNKNOWN';
  constructor(tenantId: string) {
    super(`Cannot audit tenant "${tenantId}": the journal has no such tenant`);
    this.name = 'TenantUnknownError';
  }
}

/**
 * Checks the five invariants over the whole journal and all views, as a second opinion: from the stored bytes alone, with none
 * of the code that decides commands or makes views. Damaged data is reported, never thrown.
 * @throws TenantUnknownError when a tenant is named that has no journal
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const { source, tenantId, waitMs = DEFAULT_WAIT_MS, clock = SYSTEM_CLOCK } = options;
  const tenantIds = tenantId === undefined ? await source.tenants() : [tenantId];
  const readers = tenantIds.map((id) => new TenantReader(id, source));
  for (const reader of readers) await reader.readAll();
  if (tenantId !== undefined && readers[0]?.heads().every(({ headSeq }) => headSeq === 0))
    throw new TenantUnknownError(tenantId);

  const strangers = new Map<string, Findings>();
  const stray = (item: StoredItem): void => reportStray(item, strangers);
  for (const reader of readers) reader.mark();
  const chainPks = readers.flatMap((reader) => reader.chainPks());
  // Both wait for the store most of their time.
  const [views] = await Promise.all([
    auditViews({ readers, source, tenantId, waitMs, clock, stray }),
    takeOthers(source.otherItems({ chainPks, tenantId }), readers, stray),
  ]);
  // What was written during the audit is read too: the other halves of entries between chains are among it.
  for (const reader of readers) await reader.readAll();
  const created = new Set(strangers.size > 0 ? await source.tenants() : []); // Tenants may be created during the audit.
  const unknown = [...strangers].filter(([id]) => !created.has(id));
  const daysMax = daysMaxFor(readers.length);
  const tenants = [...readers.map((reader) => reader.finish(views, daysMax)), ...unknown.map(strangerTenant)];
  return {
    tenants,
    digest: digestOfTenants(tenants.filter((tenant) => tenant.chains.length > 0)),
    invariants: sumOfFindings(tenants.map((tenant) => tenant.invariants)),
  };
}

/** Takes what stands in the journal beside the chains: reservations, and what should not be there. */
async function takeOthers(
  pages: AsyncIterable<readonly StoredItem[]>,
  readers: readonly TenantReader[],
  stray: (item: StoredItem) => void,
): Promise<void> {
  const claimsOf = new Map(readers.map(({ tenantId, state }) => [tenantId, state.claims]));
  for await (const page of pages) {
    for (const item of page) {
      const claims = claimsOf.get(tenantOf(item));
      if (claims) claims.item(item);
      else stray(item);
    }
  }
}

const SYSTEM_CLOCK: Clock = { nowMs: () => performance.now(), sleep: (ms) => sleep(ms) };

function reportStray(item: StoredItem, strangers: Map<string, Findings>): void {
  const tenantId = tenantOf(item);
  const findings = strangers.get(tenantId) ?? createFindings(tenantId);
  strangers.set(tenantId, findings);
  findings.check(
    'TENANT_ISOLATION',
    false,
    {},
    () => `Item ${String(item['pk'])} / ${String(item['sk'])} belongs to no tenant of the registry`,
  );
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
