/** A tenant's digest: a signed statement, and the leaves of the two trees whose roots it holds. */
export interface Digest {
  tenant: string;
  number: number;
  /** The exact text that is signed. */
  statement: string;
  /** ECDSA on P-256 with SHA-256 over the statement's UTF-8 bytes, DER. */
  signature: Uint8Array;
  /** Id of the key that signed it, see `keyIdOf`. */
  key: string;
  /** Leaf texts of all chains' heads. */
  heads: readonly string[];
  /** Leaf texts of what is new since the digest before. */
  periods: readonly string[];
}

/** A digest as it is handed out: with the public half of the key that signed it, PEM. */
export interface PublishedDigest extends Digest {
  publicKey: string;
}

/** Who signs digests. The private key stays where it is. */
export interface Signer {
  /** The key's public half as PEM (SPKI). */
  publicKeyPem(): Promise<string>;
  /** @returns the signature of ECDSA P-256 with SHA-256, DER */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Where digests are kept. Nothing in it is ever changed or removed. */
export interface DigestStore {
  /** @returns the tenants that have digests here, or had some: in any order */
  tenants(): Promise<string[]>;
  latest(tenant: string): Promise<Digest | undefined>;
  get(tenant: string, number: number): Promise<Digest | undefined>;
  /** Keeps a digest unless there is one of its number already: then it changes nothing. */
  put(digest: Digest): Promise<'stored' | 'exists'>;
}
