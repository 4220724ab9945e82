import type { Item, Page } from './wire.ts';

/** Where a page begins, and how many items it may have at most. */
export interface PageStart {
  ExclusiveStartKey?: Item;
  Limit: number;
}

/** Items that the first page may have. */
export const FIRST_PAGE_ITEMS = 250;
const PAGE_MAX_ITEMS = 10_000;

/**
 * Reads what a Query or a Scan answers page by page, the next one while the last is being worked on.
 *
 * A page ends at 1 MB in any case, and is asked for no more items than that may be: the embedded engine reads and sorts all that a
 * page could hold before it looks where it ends. Without a limit that is all there is left, for every page, and what a whole table
 * takes grows by the square of its size.
 * @param send asks for a page
 */
export async function* pagesOf(send: (start: PageStart) => Promise<Page>): AsyncGenerator<Item[]> {
  let limit = FIRST_PAGE_ITEMS;
  let next: Promise<Page> | undefined = send({ Limit: limit });
  while (next) {
    const page: Page = await next;
    const start = page.LastEvaluatedKey;
    limit = limitAfter(page, limit);
    next = start && send({ ExclusiveStartKey: start, Limit: limit });
    // Whoever stops reading early does not wait for this page, nor for its fault.
    next?.catch(() => undefined);
    yield page.Items ?? [];
  }
}

function limitAfter({ Items = [], ScannedCount = Items.length }: Page, limit: number): number {
  // Full: there is room for more. Else its bytes have ended it, and the next one holds about as many.
  const items = ScannedCount >= limit ? 2 * limit : Math.ceil(1.25 * ScannedCount) + 1;
  return Math.min(items, PAGE_MAX_ITEMS);
}
