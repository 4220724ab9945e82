import { type ChainRef, chainsOf } from '../../core/chain/name.ts';
import type { Journal, TenantRegistry } from '../../journal/port.ts';
import { inParallel } from '../in-parallel.ts';
import type { ViewStore } from '../port.ts';
import { fenceOf, isDoubtful } from '../projection/fence.ts';
import { readCursors } from '../queries/read-cursors.ts';
import { createTenantReader, type TenantReader } from '../queries/read-tenant.ts';

/** Chains whose heads are read at a time. */
const MAX_PARALLEL_READS = 16;

/**
 * @param options.readTenant remembers tenants from one call to the next, where the caller keeps it
 * @param options.onHead told of each chain that has events, and of its last
 * @param options.onDoubt told of each chain that is to be rebuilt, since somebody may have put old rows over new ones
 * @returns the chains of all tenants whose views are behind the journal: most will just be in work, some have lost a record
 */
export async function findLaggingChains(options: {
  journal: Journal & TenantRegistry;
  views: ViewStore;
  readTenant?: TenantReader;
  onHead?: (head: ChainRef & { seq: number }) => void;
  onDoubt?: (ref: ChainRef) => void;
}): Promise<ChainRef[]> {
  const { journal, views, readTenant = createTenantReader(), onHead, onDoubt } = options;
  const lagging: ChainRef[] = [];
  for (const tenantId of await journal.tenants()) {
    const tenant = await readTenant(journal, tenantId);
    if (!tenant) continue;
    const cursors = await readCursors(views, tenantId);
    const heads = await inParallel(chainsOf(tenant.chains), MAX_PARALLEL_READS, async (chain) => {
      const last = await journal.lastCommit({ tenantId, chain });
      return { chain, seq: last?.lastSeq ?? 0 };
    });
    for (const { chain, seq } of heads) {
      if (isDoubtful(fenceOf(cursors.get(chain)))) onDoubt?.({ tenantId, chain });
      if (seq > 0) onHead?.({ tenantId, chain, seq });
      if (seq > (cursors.get(chain)?.seq ?? 0)) lagging.push({ tenantId, chain });
    }
  }
  return lagging;
}
