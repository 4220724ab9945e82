import { genesisHash } from '../../core/chain/hash.ts';
import { chainsOf, fullChainName } from '../../core/chain/name.ts';
import { inParallel } from '../in-parallel.ts';
import type { QueryContext } from './query.ts';

/** Chains read at a time. */
const MAX_PARALLEL_READS = 17;

export interface Head {
  chain: string;
  seq: number;
  hash: string;
}

/** @returns the heads of a tenant's chains as the journal has them, in the order of the chains */
export async function readHeads(
  context: Pick<QueryContext, 'journal' | 'sha256' | 'tenant' | 'tenantId'>,
): Promise<Head[]> {
  const { journal, sha256, tenant, tenantId } = context;
  return inParallel(chainsOf(tenant.chains), MAX_PARALLEL_READS, async (chain) => {
    const last = await journal.lastCommit({ tenantId, chain });
    return {
      chain,
      seq: last?.lastSeq ?? 0,
      hash: last?.headHash ?? genesisHash(fullChainName({ tenantId, chain }), sha256),
    };
  });
}
