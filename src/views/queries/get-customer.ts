import { customerKey } from '../keys.ts';
import { customerSummaryOf } from './list-customers.ts';
import { type Query, found, notFound } from './query.ts';
import { defined, toWire } from './wire.ts';

export const getCustomer: Query<'getCustomer'> = async ({ views, tenant, tenantId }, { customerId }) => {
  const [row] = await views.get([customerKey(tenantId, customerId)]);
  if (!row) return notFound('customer', customerId);
  const { person, address, employment, riskProfile, metadata } = row.profile;
  return found({
    ...customerSummaryOf(row),
    dateOfBirth: person.dateOfBirth,
    mobile: person.mobile,
    ...defined({
      address,
      employment: employment && toWire(employment, tenant.currencyExponent),
      riskProfile,
      metadata,
    }),
    accountIds: row.accountIds,
  });
};
