import { genesisHash } from '../../core/chain/hash.ts';
import { chainsOf, fullChainName } from '../../core/chain/name.ts';
import { inParallel } from '../in-parallel.ts';
import { type Query, found } from './query.ts';
import { readCursors } from './read-cursors.ts';

/** Chains read at a time. */
const MAX_PARALLEL_READS = 17;

/** The heads of the chains as the journal has them, and how far the views are. */
export const listChains: Query<'listChains'> = async ({ journal, views, sha256, tenant, tenantId }) => {
  // Cursors first: what they name is in the journal, so no chain looks as if its views were ahead of it.
  const cursors = await readCursors(views, tenantId);
  const chains = await inParallel(chainsOf(tenant.chains), MAX_PARALLEL_READS, async (chain) => {
    const last = await journal.lastCommit({ tenantId, chain });
    return {
      chain,
      headSeq: last?.lastSeq ?? 0,
      headHash: last?.headHash ?? genesisHash(fullChainName({ tenantId, chain }), sha256),
      projectedSeq: cursors.get(chain)?.seq ?? 0,
    };
  });
  return found({ chains });
};
