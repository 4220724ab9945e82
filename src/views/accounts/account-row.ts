/**
 * A member account: pk `<tenant>#account#<accountId>`, sk `account`. It is written again whenever the account moves, so it is
 * kept within 1 KB, which is one write unit.
 */
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
  /** References to the newest events, fewer than a page, as on a page. */
  tail: string;
  /** Balance before the tail. */
  openingMinor: number;
  /** Newest value date of the full pages, and of all events; null where there is none. */
  newestBeforeTail: string | null;
  newest: string | null;
  /** The most days by which an event's value date stood behind the newest before it: bounds the search for a day's balance. */
  disorderDays: number;
}
