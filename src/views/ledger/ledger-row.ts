import { isGeneralLedger } from '../../core/chain/name.ts';

/** Lines on one row: about 45 bytes each, so that a row stays far below the largest item however many GL accounts there are. */
export const LEDGER_ROW_LINES = 256;

/** Sums of debits and credits in minor units, of each entry's net change by account. */
export type LedgerSums = [debitsMinor: number, creditsMinor: number];

/** A chain's share of the ledger: pk `<tenant>#ledger`, sk `<chain>#<row>`. A line stays on the row where it first appeared. */
export interface LedgerRow {
  /** Last event that this row holds. */
  seq: number;
  /** By GL account, or `PRODUCT:<code>` for all member accounts of a product. */
  lines: Record<string, LedgerSums>;
}

/** @returns the name of the line on which an account counts */
export function ledgerLineOf(accountId: string, productCode: string | undefined): string {
  return isGeneralLedger(accountId) ? accountId : `PRODUCT:${productCode ?? 'UNKNOWN'}`;
}
