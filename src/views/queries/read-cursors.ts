import { cursorsPartition } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import type { FencedCursor } from '../projection/fence.ts';

/** @returns the cursors of a tenant by chain, in the order of the chains; a chain without events has none */
export async function readCursors(views: ViewStore, tenantId: string): Promise<Map<string, FencedCursor>> {
  const rows = await views.list(cursorsPartition(tenantId));
  return new Map(rows.map(({ sk, doc }) => [sk, doc as FencedCursor])); // the partition holds nothing else
}
