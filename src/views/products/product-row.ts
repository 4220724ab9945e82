import type { ProductTerms } from '../../contract/events.ts';

/** A product as its last event left it: pk `<tenant>#product#<productCode>`, sk `product`. */
export interface ProductRow {
  /** Last event that this row holds. */
  seq: number;
  /** 1 when created, one more with each update. */
  version: number;
  terms: ProductTerms;
}
