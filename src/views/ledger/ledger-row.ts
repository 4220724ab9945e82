import { isGeneralLedger } from '../../core/chain/name.ts';

/**
 * Lines on one row: about 45 bytes each, so that a row stays near 1 KB, one write unit, however many GL accounts there are. The
 * first row stands in the chain's cursor, which is written with every round anyway.
 */
export const LEDGER_ROW_LINES = 16;

/**
 * Sums of debits and credits in minor units, of each entry's net change by account. A balance fits a double, by the ledger's
 * own rule, but nothing bounds what goes in and out over the years: these are exact at any size.
 */
export interface LedgerSums {
  debitsMinor: bigint;
  creditsMinor: bigint;
}

/** Sums as they stand in a row: decimal integers as text, for JSON's readers make doubles of numbers. */
export type StoredSums = [debitsMinor: string, creditsMinor: string];

/** By GL account, or `PRODUCT:<code>` for all member accounts of a product. */
export type LedgerLines = Record<string, StoredSums>;

/** More of a chain's share of the ledger: pk `<tenant>#ledger`, sk `<chain>#<row>`. A line stays on the row where it first appeared. */
export interface LedgerRow {
  /** Last event that this row holds. */
  seq: number;
  lines: LedgerLines;
}

/** @returns the sums of a line; zeros for one that does not stand there yet */
export function sumsOf(stored: StoredSums | undefined): LedgerSums {
  const [debits, credits] = stored ?? ['0', '0'];
  return { debitsMinor: BigInt(debits), creditsMinor: BigInt(credits) };
}

export function addSums(one: LedgerSums, other: LedgerSums): LedgerSums {
  return {
    debitsMinor: one.debitsMinor + other.debitsMinor,
    creditsMinor: one.creditsMinor + other.creditsMinor,
  };
}

/** @returns the name of the line on which an account counts */
export function ledgerLineOf(accountId: string, productCode: string | undefined): string {
  return isGeneralLedger(accountId) ? accountId : `PRODUCT:${productCode ?? 'UNKNOWN'}`;
}
