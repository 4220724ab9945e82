import type { StatementReference } from './statement.ts';

/** A member account: pk `<tenant>#account#<accountId>`, sk `account`. */
export interface AccountRow {
  /** Last event that this row holds. */
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
  /** Events of the account: its full statement pages and the tail. */
  eventCount: number;
  /** The newest events, fewer than a page. */
  tail: StatementReference[];
  /** Newest value date of the full pages, null where there is none. */
  newestBeforeTail: string | null;
  /** The most days by which an event's value date stood behind the newest before it: bounds the search for a day's balance. */
  disorderDays: number;
}
