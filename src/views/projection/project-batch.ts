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

/** Chains projected at a time, so that their puts share requests. Each holds a round of events in memory. */
const MAX_PARALLEL_CHAINS = 16;

/**
 * Projects the chains of a batch of records.
 * @returns for each chain that failed its first record, from which the stream is to deliver again, with the fault
 */
export async function projectBatch(
  doorbells: readonly Doorbell[],
  projector: ChainProjector,
): Promise<{ recordId: string; ref: ChainRef; error: unknown }[]> {
  const chains = [...Map.groupBy(doorbells, ({ ref }) => fullChainName(ref)).values()];
  const refs = chains.flatMap(([first]) => (first ? [first.ref] : []));
  const cursors = await projector.cursorsOf(refs);
  const failures = await inParallel(chains, MAX_PARALLEL_CHAINS, async (rings, index) => {
    const [first, cursor] = [rings[0], cursors[index]];
    if (!first || !cursor) throw new Error('Cannot project a chain without a record and a cursor'); // each group has both
    const images = rings.flatMap(({ commit }) => (commit ? [commit] : []));
    // A ring without a commit does not say how far the chain has come: all there is, then.
    const target = images.length < rings.length ? Infinity : Math.max(...images.map(({ lastSeq }) => lastSeq));
    try {
      await projector.project({ ref: first.ref, images, target, cursor });
      return undefined;
    } catch (error) {
      return { recordId: first.recordId, ref: first.ref, error };
    }
  });
  return failures.filter((failure) => failure !== undefined);
}
