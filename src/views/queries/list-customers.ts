import type { CustomerSummary } from '../../contract/queries.ts';
import type { CustomerRow } from '../customers/customer-row.ts';
import { customerKey } from '../keys.ts';
import { type Query, found } from './query.ts';
import { readList } from './read-list.ts';
import { defined } from './wire.ts';

export const listCustomers: Query<'listCustomers'> = async ({ views, tenantId }, { limit, offset }) => {
  const { ids, total } = await readList({ views, tenantId, kind: 'customers', offset, limit });
  const rows = await views.get(ids.map((id) => customerKey(tenantId, id)));
  return found({ customers: rows.filter((row) => row !== undefined).map(customerSummaryOf), total, limit, offset });
};

export function customerSummaryOf({ customerId, createdAt, profile }: CustomerRow): CustomerSummary {
  const { externalRef, person, riskProfile } = profile;
  return defined({
    customerId,
    externalRef,
    fullName: `${person.firstName} ${person.lastName}`,
    email: person.email,
    segment: riskProfile?.segment,
    kycStatus: riskProfile?.kycStatus,
    createdAt,
  });
}
