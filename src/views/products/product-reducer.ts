import { productKey } from '../keys.ts';
import type { Reducer } from '../reducer.ts';

/** Products, from the catalog chain. */
export const productReducer: Reducer = {
  keys(event, { tenantId }) {
    return event.type === 'ProductCreated' || event.type === 'ProductUpdated'
      ? [productKey(tenantId, event.entityId)]
      : [];
  },

  apply(rows, event, { tenantId }) {
    if (event.type !== 'ProductCreated' && event.type !== 'ProductUpdated') return;
    const key = productKey(tenantId, event.entityId);
    const row = rows.get(key);
    if (row && row.seq >= event.seq) return;
    rows.put(key, { seq: event.seq, version: (row?.version ?? 0) + 1, terms: event.payload });
  },
};
