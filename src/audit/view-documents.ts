import type { ChainEventOf, ProductTerms } from '../contract/events.ts';

/**
 * The documents of the views table, as the audit expects them. They are written down here a second time on purpose: the
 * projections are what is being checked, so nothing of theirs is used.
 */

/** References on a full page of a statement, ids on a page of a list, lines on a row of the ledger and in a cursor. */
export const PAGE_REFERENCES = 32;
export const PAGE_IDS = 64;
export const ROW_LINES = 16;

export interface AccountDocument {
  seq: number;
  accountId: string;
  customerId: string;
  productCode: string;
  productType: string;
  accountAlias?: string | undefined;
  accountPurpose?: string | undefined;
  currency: string;
  status: 'ACTIVE' | 'CLOSED';
  openedAt: string;
  balanceMinor: number;
  floorMinor: number;
  ceilingMinor: number | null;
  maturesOn?: string | undefined;
  loan?: { principalMinor: number; termMonths: number; rate: number };
  eventCount: number;
  tail: string;
  openingMinor: number;
  newestBeforeTail: string | null;
  newest: string | null;
  disorderDays: number;
}

export interface CustomerDocument {
  seq: number;
  customerId: string;
  createdAt: string;
  profile: ChainEventOf<'CustomerCreated'>['payload'];
  accountIds: string[];
}

export interface ProductDocument {
  seq: number;
  version: number;
  terms: ProductTerms;
}

/** Whole numbers as decimal text: what an account turns over in its life may be too large for a double. */
export type LedgerLines = Record<string, [debitsMinor: string, creditsMinor: string]>;

export interface LedgerDocument {
  seq: number;
  lines: LedgerLines;
}

export interface CursorDocument {
  seq: number;
  hash: string;
  committedAt: string;
  counts: { customers: number; accounts: number; products: number };
  /** The first lines of the chain's ledger; the others stand on rows of their own. */
  ledgerLines: LedgerLines;
  ledgerRows: number;
  /** How many events the monitor has looked at for BALANCED_ENTRIES, DERIVED_BALANCES and ACCOUNT_CONSTRAINTS. */
  watch: { checks: [balanced: number, derived: number, constrained: number] };
}

/** Partitions with rows that no journal gives: what the monitor has found, and commits that were spoilt. */
const RECORDS = /^[^#]+#(?:breaches#(?:\d\d|catalog)|spoilt)$/;

export function isRecord(pk: string): boolean {
  return RECORDS.test(pk);
}

/** Keys are `pk`, a space, `sk`; neither part contains a space. */
export function rowKey(pk: string, sk: string): string {
  return `${pk} ${sk}`;
}

export function padded(index: number): string {
  return String(index).padStart(6, '0');
}

/** One text for equal documents, whatever the order of their fields; a field without a value is as one that is not there. */
export function canonical(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.some(isObject) ? `[${value.map(canonical).join(',')}]` : JSON.stringify(value);
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
