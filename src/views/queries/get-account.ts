import { fromMinor } from '../../contract/currency.ts';
import { accountKey } from '../keys.ts';
import { accountSummaryOf } from './list-accounts.ts';
import { type Query, found, notFound } from './query.ts';
import { defined } from './wire.ts';

/** A member account. A GL account belongs to no customer and has no terms: its balance is all there is to ask for. */
export const getAccount: Query<'getAccount'> = async ({ views, tenant, tenantId }, { accountId }) => {
  const [row] = await views.get([accountKey(tenantId, accountId)]);
  if (!row) return notFound('account', accountId);
  const { currencyExponent: exponent } = tenant;
  const { productType, accountPurpose, floorMinor, ceilingMinor, maturesOn, loan, eventCount } = row;
  return found({
    ...accountSummaryOf(row, exponent),
    productType,
    minimumBalance: fromMinor(floorMinor, exponent),
    maximumBalance: ceilingMinor === null ? null : fromMinor(ceilingMinor, exponent),
    ...defined({
      accountPurpose,
      maturesOn,
      loan: loan && {
        principal: fromMinor(loan.principalMinor, exponent),
        termMonths: loan.termMonths,
        rate: loan.rate,
      },
    }),
    eventCount,
  });
};
