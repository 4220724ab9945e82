import { fromMinor } from '../../contract/currency.ts';
import { isGeneralLedger } from '../../core/chain/name.ts';
import { accountKey } from '../keys.ts';
import { sumsOf } from '../ledger/ledger-row.ts';
import { balanceAsOf } from './balance-as-of.ts';
import { type Query, found, notFound } from './query.ts';
import { readLedger } from './read-ledger.ts';
import { sumToWire } from './wire.ts';

/**
 * Balance of a member account, now or at the end of a day by value date; of a GL account, which exists whether anything was
 * posted to it or not, only now: its postings are kept as sums.
 */
export const getAccountBalance: Query<'getAccountBalance'> = async (context, { accountId, asOf }) => {
  const { views, tenant, tenantId } = context;
  const { baseCurrency, currencyExponent: exponent } = tenant;
  if (isGeneralLedger(accountId)) {
    if (asOf !== undefined)
      return { outcome: 'invalid', faults: [{ path: 'asOf', message: 'Ask for a GL account without a date' }] };
    const { debitsMinor, creditsMinor } = (await readLedger(views, tenantId)).get(accountId) ?? sumsOf(undefined);
    return found({ accountId, currency: baseCurrency, balance: sumToWire(debitsMinor - creditsMinor, exponent) });
  }
  const [row] = await views.get([accountKey(tenantId, accountId)]);
  if (!row) return notFound('account', accountId);
  const { currency } = row;
  if (asOf === undefined) return found({ accountId, currency, balance: fromMinor(row.balanceMinor, exponent) });
  const balanceMinor = await balanceAsOf({ views, tenantId, row, day: asOf });
  return found({ accountId, currency, asOf, balance: fromMinor(balanceMinor, exponent) });
};
