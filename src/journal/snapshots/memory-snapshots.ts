import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { SealedManifest, SnapshotStore } from './port.ts';

/** Snapshots in memory: the reference for the engine's, and the fast one for tests. */
export function createMemorySnapshots(): SnapshotStore {
  const manifests = new Map<string, SealedManifest>();
  const pieces = new Map<string, Uint8Array>();
  const keyOf = (ref: ChainRef, digest: string) => `${fullChainName(ref)} ${digest}`;
  return {
    async newest(ref) {
      return manifests.get(fullChainName(ref));
    },
    async piece(ref, digest) {
      return pieces.get(keyOf(ref, digest));
    },
    async replace(ref, { manifest, pieces: added, previous, dropped }) {
      for (const [digest, bytes] of added) pieces.set(keyOf(ref, digest), bytes);
      if (manifests.get(fullChainName(ref))?.digest !== previous) return false;
      manifests.set(fullChainName(ref), manifest);
      for (const digest of dropped) pieces.delete(keyOf(ref, digest));
      return true;
    },
  };
}
