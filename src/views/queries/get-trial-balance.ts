import { fromMinor } from '../../contract/currency.ts';
import type { LedgerSums } from '../ledger/ledger-row.ts';
import { type Query, found } from './query.ts';
import { readLedger } from './read-ledger.ts';

/** Debits and credits of all GL accounts and products: each entry counts by its net change of each account. */
export const getTrialBalance: Query<'getTrialBalance'> = async ({ views, tenant, tenantId }) => {
  const ledger = [...(await readLedger(views, tenantId))].sort(([a], [b]) => (a < b ? -1 : 1));
  const amounts = ([debitsMinor, creditsMinor]: LedgerSums) => ({
    debits: fromMinor(debitsMinor, tenant.currencyExponent),
    credits: fromMinor(creditsMinor, tenant.currencyExponent),
    balance: fromMinor(debitsMinor - creditsMinor, tenant.currencyExponent),
  });
  const total = ledger.reduce<LedgerSums>(
    ([debits, credits], [, sums]) => [debits + sums[0], credits + sums[1]],
    [0, 0],
  );
  return found({
    currency: tenant.baseCurrency,
    lines: ledger.map(([account, sums]) => ({ account, ...amounts(sums) })),
    ...amounts(total),
  });
};
