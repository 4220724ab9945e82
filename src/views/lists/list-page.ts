/** What can be listed. Products stand on the catalog chain, the others on the chain of the customer. */
export const LIST_KINDS = ['customers', 'accounts', 'products'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/**
 * Ids on one page of a list. Fewer are dearer to read, more are dearer to write: the last page of a list is written again
 * whenever the list grows. 64 ids of 25 bytes are 1.6 KB, two write units at most.
 */
export const LIST_PAGE_IDS = 64;

/** A page of ids in the order of their creation. It may hold more than the cursor counts, after a crash: readers go by the count. */
export interface ListPage {
  ids: string[];
}
