import { createHash } from 'node:crypto';
import { bankMonth } from '../../../../test/support/bank-month.ts';
import { type ChainRef, chainsOf } from '../../../core/chain/name.ts';
import type { HeldChainState } from '../../../core/chain/state.ts';
import type { SnapshotOptions } from '../load-snapshot.ts';
import type { SnapshotStore } from '../port.ts';

export const TENANT = 'CU_TEST';
export const refOf = (chain: string): ChainRef => ({ tenantId: TENANT, chain });
export const keyOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** A bank with some history, and its chains that have any commits. */
export async function openMonth() {
  const month = await bankMonth({ members: 12, entries: 300 });
  const read = async (ref: ChainRef) => ({
    ref,
    commits: await Array.fromAsync(month.journal.read(ref, { afterSeq: 0 })),
  });
  const chains = (await Promise.all(chainsOf(16).map((chain) => read(refOf(chain))))).filter(
    ({ commits }) => commits.length > 0,
  );
  return { month, chains };
}

/** All that a state holds, comparable. */
export function contentsOf(state: HeldChainState): object {
  const { commands, ...tables } = state;
  const wordsOf = (pieces: readonly Uint32Array[]) => pieces.map((piece) => [...piece]);
  const { old, young } = commands.pieces();
  return { ...tables, old: wordsOf(old), young: wordsOf(young) };
}

/** A store whose answers can be damaged, and the faults that a reader was told of. */
export function snapshotsOn(store: SnapshotStore): SnapshotOptions & { faults: string[] } {
  const faults: string[] = [];
  return {
    store,
    faults,
    unusable: (_message, cause) => void faults.push(cause instanceof Error ? cause.message : String(cause)),
  };
}
