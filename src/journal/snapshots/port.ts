import type { ChainRef } from '../../core/chain/name.ts';

/**
 * Where snapshots of chains live: a cache. All of it may be missing, old, damaged or gone at any time; whoever reads checks
 * what is read, and does without. The journal alone is the truth.
 */
export interface SnapshotStore {
  /** @returns the manifest of a chain's newest snapshot */
  newest(ref: ChainRef): Promise<SealedManifest | undefined>;
  /** @returns the bytes of a piece as they were written, to be checked against the digest */
  piece(ref: ChainRef, digest: string): Promise<Uint8Array | undefined>;
  /**
   * Puts a snapshot in the place of another: first its pieces, then its manifest, and then takes away what is no longer needed.
   * @returns false when somebody else has put one there in the meantime
   */
  replace(ref: ChainRef, replacement: SnapshotReplacement): Promise<boolean>;
}

/** A manifest as it is stored. */
export interface SealedManifest {
  text: string;
  /** SHA-256 of the text, 64 hex characters. */
  digest: string;
}

export interface SnapshotReplacement {
  manifest: SealedManifest;
  /** Those pieces that are not there yet, by digest. */
  pieces: ReadonlyMap<string, Uint8Array>;
  /** Digest of the manifest that stands there; none where there is no snapshot. */
  previous: string | undefined;
  /** Digests of the pieces that the previous snapshot had and the new one has not. */
  dropped: readonly string[];
}
