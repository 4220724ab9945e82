import type { ViewsComparison } from './result.ts';
import type { AuditSource, StoredItem } from './source.ts';
import type { TenantReader } from './tenant-reader.ts';
import { auditViews, type Clock, tenantOf } from './view-audit.ts';

/**
 * Compares with what has been read of the journal all that hangs on it: the rows of the views and the reservations. At last it
 * reads on what was written meanwhile, among which are the other halves of entries between chains.
 */
export async function compareAll(options: {
  readers: readonly TenantReader[];
  source: AuditSource;
  tenantId: string | undefined;
  waitMs: number;
  clock: Clock;
  /** Takes items of tenants that are not audited. */
  stray: (item: StoredItem) => void;
}): Promise<ViewsComparison> {
  const { readers, source, tenantId, stray } = options;
  for (const reader of readers) reader.mark();
  const chainPks = readers.flatMap((reader) => reader.chainPks());
  // Both wait for the store most of their time.
  const [views] = await Promise.all([
    auditViews(options),
    takeOthers(source.otherItems({ chainPks, tenantId }), readers, stray),
  ]);
  for (const reader of readers) await reader.readAll();
  return views;
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
