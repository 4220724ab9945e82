import type { ChainEvent } from '../../contract/events.ts';
import { cursorKey, listPageKey } from '../keys.ts';
import type { Reducer } from '../reducer.ts';
import { LIST_PAGE_IDS, type ListKind } from './list-page.ts';

/**
 * Lists of ids, a chain's at a time. An id's place is its ordinal, counted by the cursor: a page is found without reading those
 * before it, and an event that comes again after a crash puts its id where it already is.
 */
export const listReducer: Reducer = {
  keys() {
    return []; // The newest page of each list is loaded with the cursor; later ones begin empty.
  },

  apply(rows, event, place) {
    const kind = listOf(event);
    if (!kind) return;
    const cursor = rows.get(cursorKey(place));
    if (!cursor) throw new Error('Cannot extend a list without a cursor');
    const ordinal = cursor.counts[kind];
    const key = listPageKey(place, kind, Math.floor(ordinal / LIST_PAGE_IDS));
    const position = ordinal % LIST_PAGE_IDS;
    const ids = position === 0 ? [] : (rows.get(key)?.ids.slice(0, position) ?? []);
    rows.put(key, { ids: [...ids, event.entityId] });
    rows.put(cursorKey(place), { ...cursor, counts: { ...cursor.counts, [kind]: ordinal + 1 } });
  },
};

function listOf(event: ChainEvent): ListKind | undefined {
  if (event.type === 'CustomerCreated') return 'customers';
  if (event.type === 'AccountOpened') return 'accounts';
  if (event.type === 'ProductCreated') return 'products';
  return undefined;
}
