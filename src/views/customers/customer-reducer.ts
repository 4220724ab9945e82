import type { Reducer } from '../reducer.ts';

/** Customers, each with its accounts. */
export const customerReducer: Reducer = {
  want({ customers }, event) {
    if (event.type === 'CustomerCreated') customers.begin(event.entityId);
    else if (event.type === 'AccountOpened') customers.want(event.payload.customerId);
  },

  apply({ customers }, event) {
    if (event.type === 'CustomerCreated') {
      const { entityId: customerId, occurredAt: createdAt, payload: profile, seq } = event;
      if ((customers.get(customerId)?.seq ?? 0) >= seq) return;
      customers.put(customerId, { seq, customerId, createdAt, profile, accountIds: [] });
    } else if (event.type === 'AccountOpened') {
      const { customerId } = event.payload;
      const row = customers.get(customerId);
      if (!row || row.seq >= event.seq) return;
      row.seq = event.seq;
      row.accountIds.push(event.entityId);
      customers.put(customerId, row);
    }
  },
};
