import type { TenantAudit } from '../audit/audit-result.ts';
import type { TenantReport } from './report.ts';

/** What the twin knows of a tenant and the journal does not tell: which entries were spending. */
type SpendingByCategory = Record<string, { count: number; volume: number }>;

/** Says in whole units of the currency what the audit counted in the tenant's journal. */
export function tenantReport(
  { tenantId, digest, statistics }: TenantAudit,
  spending?: SpendingByCategory,
): TenantReport {
  const { openingDeposits } = statistics;
  const minorUnits = 10 ** statistics.exponent;
  const amount = (minor: number): number => minor / minorUnits;
  return {
    tenantId,
    digest,
    currency: statistics.currency,
    members: statistics.members,
    accounts: statistics.accounts,
    accountsByProduct: statistics.accountsByProduct,
    entries: statistics.entries + openingDeposits.entries,
    volume: amount(statistics.volumeMinor + openingDeposits.volumeMinor),
    openingDeposits: { entries: openingDeposits.entries, volume: amount(openingDeposits.volumeMinor) },
    loans: statistics.loans,
    commands: statistics.commands,
    refusedByError: statistics.refusedByError,
    // The day before the first is the one on which the tenant is set up: no entry is booked on it.
    byDay: statistics.byDay
      .filter(({ entries }) => entries > 0)
      .map(({ date, entries, volumeMinor }) => ({ date, entries, volume: amount(volumeMinor) })),
    byCategory: statistics.byCategory.map(({ category, entries, volumeMinor }) => ({
      category,
      entries,
      volume: amount(volumeMinor),
    })),
    ...(spending !== undefined && {
      spending: Object.entries(spending)
        .map(([category, { count, volume }]) => ({ category, entries: count, volume }))
        .toSorted((a, b) => b.volume - a.volume),
    }),
    balancesByDay: statistics.balancesByDay.map(({ date, depositsMinor, loansMinor }) => ({
      date,
      deposits: amount(depositsMinor),
      loans: amount(loansMinor),
    })),
  };
}
