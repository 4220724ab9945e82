import { addSums, type LedgerSums, sumsOf } from '../ledger/ledger-row.ts';
import { type Query, found } from './query.ts';
import { readLedger } from './read-ledger.ts';
import { sumToWire } from './wire.ts';

/**
 * Debits and credits of all GL accounts and products: each entry counts by its net change of each account. Balances are taken
 * of the exact sums, so they are right also where the turnovers are larger than a number on the wire can tell to the cent.
 */
export const getTrialBalance: Query<'getTrialBalance'> = async ({ views, tenant, tenantId }) => {
  const ledger = [...(await readLedger(views, tenantId))].sort(([a], [b]) => (a < b ? -1 : 1));
  const amounts = ({ debitsMinor, creditsMinor }: LedgerSums) => ({
    debits: sumToWire(debitsMinor, tenant.currencyExponent),
    credits: sumToWire(creditsMinor, tenant.currencyExponent),
    balance: sumToWire(debitsMinor - creditsMinor, tenant.currencyExponent),
  });
  const total = ledger.reduce((all, [, sums]) => addSums(all, sums), sumsOf(undefined));
  return found({
    currency: tenant.baseCurrency,
    lines: ledger.map(([account, sums]) => ({ account, ...amounts(sums) })),
    ...amounts(total),
  });
};
