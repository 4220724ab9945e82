/** Where a chain stops being what was signed. */
export interface ChainFault {
  tenant: string;
  /** `00` … or `catalog`. */
  chain: string;
  /** The first event that may be wrong. */
  seq: number;
  /** The last one that may be the first wrong one: what is between two digests is known only together. Absent for `seq` itself. */
  to?: number;
  reason: string;
}

/** What is wrong with a digest itself. */
export interface DigestFault {
  tenant: string;
  number: number;
  reason: string;
}
