import { customerKey } from '../keys.ts';
import type { Reducer } from '../reducer.ts';

/** Customers, each with its accounts. */
export const customerReducer: Reducer = {
  keys(event, { tenantId }) {
    if (event.type === 'CustomerCreated') return [customerKey(tenantId, event.entityId)];
    if (event.type === 'AccountOpened') return [customerKey(tenantId, event.payload.customerId)];
    return [];
  },

  apply(rows, event, { tenantId }) {
    if (event.type === 'CustomerCreated') {
      const key = customerKey(tenantId, event.entityId);
      if ((rows.get(key)?.seq ?? 0) >= event.seq) return;
      const { entityId: customerId, occurredAt: createdAt, payload: profile, seq } = event;
      rows.put(key, { seq, customerId, createdAt, profile, accountIds: [] });
    } else if (event.type === 'AccountOpened') {
      const key = customerKey(tenantId, event.payload.customerId);
      const row = rows.get(key);
      if (!row || row.seq >= event.seq) return;
      rows.put(key, { ...row, seq: event.seq, accountIds: [...row.accountIds, event.entityId] });
    }
  },
};
