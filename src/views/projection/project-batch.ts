import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Commit } from '../../journal/port.ts';
import { inParallel } from '../in-parallel.ts';
import type { ChainProjector } from './chain-projector.ts';

/** A record of the stream: it says that a chain has moved. Whether it also carries the commit, only saves a read. */
export interface Doorbell {
  recordId: string;
  ref: ChainRef;
  commit?: Commit;
}

/** Chains projected at a time. They share one processor; more would only hold more memory. */
const MAX_PARALLEL_CHAINS = 8;

/**
 * Projects the chains of a batch of records.
 * @returns for each chain that failed its first record, from which the stream is to deliver again, with the fault
 */
export async function projectBatch(
  doorbells: readonly Doorbell[],
  project: ChainProjector,
): Promise<{ recordId: string; ref: ChainRef; error: unknown }[]> {
  const chains = [...Map.groupBy(doorbells, ({ ref }) => fullChainName(ref)).values()];
  const failures = await inParallel(chains, MAX_PARALLEL_CHAINS, async (rings) => {
    const first = rings[0] as Doorbell; // a group has at least one member
    const images = rings.flatMap(({ commit }) => (commit ? [commit] : []));
    // A ring without a commit does not say how far the chain has come: all there is, then.
    const target = images.length < rings.length ? Infinity : Math.max(...images.map(({ lastSeq }) => lastSeq));
    try {
      await project({ ref: first.ref, images, target });
      return undefined;
    } catch (error) {
      return { recordId: first.recordId, ref: first.ref, error };
    }
  });
  return failures.filter((failure) => failure !== undefined);
}
