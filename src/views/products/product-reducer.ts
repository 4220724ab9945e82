import type { Reducer } from '../reducer.ts';

/** Products, from the catalog chain. */
export const productReducer: Reducer = {
  want({ products }, event) {
    if (event.type === 'ProductCreated') products.begin(event.entityId);
    else if (event.type === 'ProductUpdated') products.want(event.entityId);
  },

  apply({ products }, event) {
    if (event.type !== 'ProductCreated' && event.type !== 'ProductUpdated') return;
    const row = products.get(event.entityId);
    if (row && row.seq >= event.seq) return;
    products.put(event.entityId, { seq: event.seq, version: (row?.version ?? 0) + 1, terms: event.payload });
  },
};
