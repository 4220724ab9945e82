import { fromMinor } from '../../contract/currency.ts';
import type { AccountSummary } from '../../contract/queries.ts';
import type { AccountRow } from '../accounts/account-row.ts';
import { accountKey, customerKey } from '../keys.ts';
import { type Query, found, notFound } from './query.ts';
import { readList } from './read-list.ts';
import { defined } from './wire.ts';

export const listAccounts: Query<'listAccounts'> = async (context, { customerId, limit, offset }) => {
  const { views, tenant, tenantId } = context;
  let ids: string[];
  let total: number;
  if (customerId === undefined) {
    ({ ids, total } = await readList({ views, tenantId, kind: 'accounts', offset, limit }));
  } else {
    const [customer] = await views.get([customerKey(tenantId, customerId)]);
    if (!customer) return notFound('customer', customerId);
    ids = customer.accountIds.slice(offset, offset + limit);
    total = customer.accountIds.length;
  }
  const rows = await views.get(ids.map((id) => accountKey(tenantId, id)));
  const accounts = rows.filter((row) => row !== undefined).map((row) => accountSummaryOf(row, tenant.currencyExponent));
  return found({ accounts, total, limit, offset });
};

export function accountSummaryOf(row: AccountRow, exponent: number): AccountSummary {
  const { accountId, customerId, productCode, accountAlias, currency, status, openedAt } = row;
  const balance = fromMinor(row.balanceMinor, exponent);
  return defined({ accountId, customerId, productCode, accountAlias, balance, currency, status, openedAt });
}
