/** Where a chain stops being what was signed. */
export interface ChainFault {
  tenant: string;
  /** `00` … or `catalog`. */
  chain: string;
  /** The first event that may be wrong: the digests around it say how closely that can be told. */
  seq: number;
  reason: string;
}

/** What is wrong with a digest itself. */
export interface DigestFault {
  tenant: string;
  number: number;
  reason: string;
}
