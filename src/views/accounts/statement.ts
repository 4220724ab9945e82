/** An event of an account: the first event of its commit, its own seq, value date and change of the balance (null where it moves no money). */
export type StatementReference = [
  commitFirstSeq: number,
  seq: number,
  valueDate: string | null,
  deltaMinor: number | null,
];

/** References on a full page. The account's row carries up to this many; then they move to a page of their own, for good. */
export const STATEMENT_PAGE_REFERENCES = 32;

/** A full page of an account's statement, with what is needed to tell a balance as of a day from few pages. */
export interface StatementPage {
  references: StatementReference[];
  /** Balance before the page. */
  openingMinor: number;
  /** Newest value date before the page, and up to its end; null where there is none. */
  newestBefore: string | null;
  newestThrough: string | null;
}

export function pageCount(eventCount: number): number {
  return Math.floor(eventCount / STATEMENT_PAGE_REFERENCES);
}

export function sumOf(references: readonly StatementReference[]): number {
  let sumMinor = 0;
  for (const [, , , deltaMinor] of references) sumMinor += deltaMinor ?? 0;
  return sumMinor;
}

export function newestOf(references: readonly StatementReference[], otherwise: string | null): string | null {
  let newest = otherwise;
  for (const [, , valueDate] of references)
    if (valueDate !== null && (newest === null || valueDate > newest)) newest = valueDate;
  return newest;
}

const DAY_MS = 86_400_000;

/** @returns the days from one ISO date to a later one */
export function daysBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / DAY_MS;
}
