import type { ChainEvent } from '../../contract/events.ts';
import type { Reducer } from '../reducer.ts';
import { LIST_PAGE_IDS, type ListKind } from './list-page.ts';

/**
 * Lists of ids, a chain's at a time. An id's place is its ordinal, counted by the cursor: a page is found without reading those
 * before it, and an event that comes again after a crash puts its id where it already is.
 */
export const listReducer: Reducer = {
  want() {
    // The newest page of each list is loaded with the cursor; later ones begin empty.
  },

  apply({ counts, lists }, event) {
    const kind = listOf(event);
    if (!kind) return;
    const ordinal = counts[kind];
    const page = String(Math.floor(ordinal / LIST_PAGE_IDS));
    const position = ordinal % LIST_PAGE_IDS;
    const row = (position > 0 && lists[kind].get(page)) || { ids: [] };
    row.ids.length = position; // more than the cursor counts is of a round that crashed, and comes again
    row.ids.push(event.entityId);
    lists[kind].put(page, row);
    counts[kind] = ordinal + 1;
  },
};

function listOf(event: ChainEvent): ListKind | undefined {
  if (event.type === 'CustomerCreated') return 'customers';
  if (event.type === 'AccountOpened') return 'accounts';
  if (event.type === 'ProductCreated') return 'products';
  return undefined;
}
