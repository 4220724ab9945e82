import { setTimeout as sleep } from 'node:timers/promises';
import { daysMaxFor } from './bounds.ts';
import { digestOfTenants } from './digest.ts';
import { compareAll } from './compare-all.ts';
import { sumOfFindings } from './findings.ts';
import type { AuditResult } from './result.ts';
import type { AuditSource } from './source.ts';
import { createStrays } from './strays.ts';
import { TenantReader } from './tenant-reader.ts';
import type { Clock } from './view-audit.ts';

export const DEFAULT_WAIT_MS = 10_000;

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
  for (const reader of readers) {
    await reader.lookAtCursors();
    await reader.readAll();
  }
  if (tenantId !== undefined && readers[0]?.heads().every(({ headSeq }) => headSeq === 0))
    throw new TenantUnknownError(tenantId);

  const strays = createStrays();
  const views = await compareAll({ readers, source, tenantId, waitMs, clock, stray: (item) => strays.take(item) });
  const unknown = await strays.result(() => source.tenants());
  const daysMax = daysMaxFor(readers.length);
  const tenants = [...readers.map((reader) => reader.finish(views, daysMax)), ...unknown];
  return {
    tenants,
    digest: digestOfTenants(tenants.filter((tenant) => tenant.chains.length > 0)),
    invariants: sumOfFindings(tenants.map((tenant) => tenant.invariants)),
  };
}

export const SYSTEM_CLOCK: Clock = { nowMs: () => performance.now(), sleep: (ms) => sleep(ms) };
