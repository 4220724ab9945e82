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
  /**
   * References as text, a third of the size they have as JSON: commits separated by spaces, each its first event, then for
   * every event of the account `+` and how far behind the first it stands, and where it moves money `:` value date `:` change.
   * `120+2+3:2025-01-03:-4550 127+0` names events 122, 123 (4,550 minor units out, by value of 3 January) and 127.
   */
  references: string;
  /** Balance before the page. */
  openingMinor: number;
  /** Newest value date before the page, and up to its end; null where there is none. */
  newestBefore: string | null;
  newestThrough: string | null;
}

/** @returns references in their order */
export function referencesIn(text: string): StatementReference[] {
  if (text === '') return [];
  return text.split(' ').flatMap((commit) => {
    const [first, ...events] = commit.split('+');
    const commitFirstSeq = Number(first);
    return events.map((event): StatementReference => {
      const [distance, valueDate = null, deltaMinor] = event.split(':');
      const delta = deltaMinor === undefined ? null : Number(deltaMinor);
      return [commitFirstSeq, commitFirstSeq + Number(distance), valueDate, delta];
    });
  });
}

/** @returns the first event of the last commit that a text of references names; -1 where it names none */
export function lastCommitOf(text: string): number {
  return text === '' ? -1 : Number.parseInt(text.slice(text.lastIndexOf(' ') + 1), 10);
}

export function pageCount(eventCount: number): number {
  return Math.floor(eventCount / STATEMENT_PAGE_REFERENCES);
}

const DAY_MS = 86_400_000;

/** @returns the days from one ISO date to a later one */
export function daysBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / DAY_MS;
}
