/**
 * A copy of a digest: pk `<tenant>#digest`, sk its number in eight digits. The bucket of the digests is the evidence; the copies
 * are there for queries, which read them with the credentials of the tenant. Nothing ever changes one, and none comes from the
 * journal: rebuilding the views leaves them alone.
 */
export interface DigestRow {
  /** The digest's number. */
  seq: number;
  /** The exact text that is signed. */
  statement: string;
  /** DER, base64. */
  signature: string;
  /** Id of the key that signed it. */
  key: string;
  /** That key's public half, PEM. */
  publicKey: string;
  /** Leaf texts of all chains' heads. */
  heads: readonly string[];
  /** Leaf texts of what was new. */
  periods: readonly string[];
}

/** How many digests of a tenant are copied, all of them from the first: pk `<tenant>#digest`, sk `count`. Written last. */
export interface DigestCount {
  seq: number;
}
