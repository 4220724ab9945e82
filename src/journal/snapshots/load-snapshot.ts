import { fullChainName, type ChainRef } from '../../core/chain/name.ts';
import type { HeldChainState } from '../../core/chain/state.ts';
import type { Journal } from '../port.ts';
import { atATime } from './at-a-time.ts';
import { checkPiece, decodeSnapshot, type Manifest, openManifest, piecesOf, SnapshotFaultError } from './codec.ts';
import type { SealedManifest, SnapshotStore } from './port.ts';

/** Where a replica begins: the state after an event of the journal, and that event's hash. */
export interface ChainStart {
  seq: number;
  hash: string;
  state: HeldChainState;
}

export interface SnapshotOptions {
  store: SnapshotStore;
  /** Told of a snapshot that could not be used. Nothing is lost by it but time. */
  unusable: (message: string, cause: unknown) => void;
}

export interface LoadedSnapshot extends ChainStart {
  manifest: Manifest;
  sealed: SealedManifest;
}

/** A new snapshot takes pieces of the old one away: who was just reading that one finds the new one with a second look. */
const ATTEMPTS = 2;
/** Pieces read at a time, some 300 KB each: more would not come sooner, and would keep a cold process's commands waiting. */
const MAX_PARALLEL_READS = 8;

/**
 * Loads a chain's newest snapshot, if there is one that is whole, of this version, and of the very chain that the journal
 * holds: the journal's commit at its seq must have its hash.
 * @returns undefined where there is none, or none that can be used; never throws
 */
export async function loadSnapshot(
  journal: Journal,
  ref: ChainRef,
  { store, unusable }: SnapshotOptions,
): Promise<LoadedSnapshot | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const sealed = await store.newest(ref);
      return sealed && (await loadSealed({ journal, ref, store, sealed }));
    } catch (cause) {
      if (attempt < ATTEMPTS && cause instanceof SnapshotFaultError) continue;
      unusable(`The snapshot of chain "${fullChainName(ref)}" is not used; the chain is read whole`, cause);
      return undefined;
    }
  }
}

async function loadSealed(options: {
  journal: Journal;
  ref: ChainRef;
  store: SnapshotStore;
  sealed: SealedManifest;
}): Promise<LoadedSnapshot> {
  const { journal, ref, store, sealed } = options;
  const manifest = openManifest(sealed, ref);
  const { seq, hash } = manifest;
  const pieces = new Map<string, Uint8Array>();
  const [commit] = await Promise.all([
    journal.commitAt(ref, seq),
    atATime(MAX_PARALLEL_READS, piecesOf(manifest), async (digest) => {
      pieces.set(digest, checkPiece(digest, await store.piece(ref, digest)));
    }),
  ]);
  if (commit?.lastSeq !== seq || commit.headHash !== hash)
    throw new SnapshotFaultError(`the journal has no commit that ends at seq ${seq} with its hash`);
  return { seq, hash, state: decodeSnapshot(manifest, pieces), manifest, sealed };
}
