import { largest } from './bounds.ts';
import type { Statistics } from './statistics.ts';

/**
 * @param parts what pieces of one tenant's journal have counted, and how many days each of them tells one by one
 * @returns all of it together
 */
export function mergeStatistics(pieces: readonly { statistics: Statistics; daysMax: number }[]): Statistics {
  const parts = pieces.map(({ statistics }) => statistics);
  const cut = cutOf(pieces);
  const sum = (of: (part: Statistics) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const counts = (of: (part: Statistics) => Record<string, number>) => {
    const merged: Record<string, number> = {};
    for (const part of parts)
      for (const [name, count] of Object.entries(of(part))) merged[name] = (merged[name] ?? 0) + count;
    return merged;
  };
  const { currency = '', exponent = 0 } = parts.find((part) => part.currency !== '') ?? {};
  return {
    currency,
    exponent,
    members: sum(({ members }) => members),
    accounts: sum(({ accounts }) => accounts),
    accountsByProduct: Object.fromEntries(
      largest(new Map(Object.entries(counts((part) => part.accountsByProduct))), {
        sizeOf: (accounts) => accounts,
        sum: (groups) => groups.reduce((total, accounts) => total + accounts, 0),
      }),
    ),
    entries: sum(({ entries }) => entries),
    volumeMinor: sum(({ volumeMinor }) => volumeMinor),
    openingDeposits: {
      entries: sum(({ openingDeposits }) => openingDeposits.entries),
      volumeMinor: sum(({ openingDeposits }) => openingDeposits.volumeMinor),
    },
    events: sum(({ events }) => events),
    eventsByType: counts((part) => part.eventsByType),
    loans: {
      applications: sum(({ loans }) => loans.applications),
      approved: sum(({ loans }) => loans.approved),
      refused: sum(({ loans }) => loans.refused),
    },
    commands: { accepted: sum(({ commands }) => commands.accepted), refused: sum(({ commands }) => commands.refused) },
    refusedByError: counts((part) => part.refusedByError),
    byDay: mergeDays(
      parts.map((part) => part.byDay),
      cut((part) => part.byDay),
    ),
    byCategory: mergeCategories(parts),
    balancesByDay: mergeBalances(
      parts.map((part) => part.balancesByDay),
      cut((part) => part.balancesByDay),
    ),
  };
}

type Day = Statistics['byDay'][number];
type Balances = Statistics['balancesByDay'][number];

/**
 * The first row of a part with more days than it can tell stands for all days up to it.
 * @returns the last of these dates: up to it, all parts' days are one row
 */
function cutOf(pieces: readonly { statistics: Statistics; daysMax: number }[]) {
  return (rowsOf: (part: Statistics) => readonly { date: string }[]): string => {
    const firsts = pieces.flatMap(({ statistics, daysMax }) => {
      const rows = rowsOf(statistics);
      return rows.length > daysMax && rows[0] ? [rows[0].date] : [];
    });
    return firsts.toSorted().at(-1) ?? '';
  };
}

function datesOf(parts: readonly (readonly { date: string }[])[], cut: string): string[] {
  return [...new Set(parts.flat().map(({ date }) => date))].filter((date) => date >= cut).toSorted();
}

function mergeDays(parts: readonly (readonly Day[])[], cut: string): Day[] {
  let before = '';
  return datesOf(parts, cut).map((date) => {
    const days = parts.flat().filter((day) => day.date > before && day.date <= date);
    before = date;
    return { date, ...sumOfDays(days) };
  });
}

function sumOfDays(days: readonly Day[]): Omit<Day, 'date'> {
  const sum = { entries: 0, volumeMinor: 0, accepted: 0, refused: 0 };
  for (const day of days) {
    sum.entries += day.entries;
    sum.volumeMinor += day.volumeMinor;
    sum.accepted += day.accepted;
    sum.refused += day.refused;
  }
  return sum;
}

/** Sums at the end of a day: of each part those of its last day up to it. */
function mergeBalances(parts: readonly (readonly Balances[])[], cut: string): Balances[] {
  return datesOf(parts, cut).map((date) => {
    const last = parts.flatMap((rows) => rows.findLast((row) => row.date <= date) ?? []);
    return {
      date,
      depositsMinor: last.reduce((sum, { depositsMinor }) => sum + depositsMinor, 0),
      loansMinor: last.reduce((sum, { loansMinor }) => sum + loansMinor, 0),
    };
  });
}

function mergeCategories(parts: readonly Statistics[]): Statistics['byCategory'] {
  type Category = Omit<Statistics['byCategory'][number], 'category'>;
  const sumOf = (groups: readonly Category[]): Category => ({
    entries: groups.reduce((sum, { entries }) => sum + entries, 0),
    volumeMinor: groups.reduce((sum, { volumeMinor }) => sum + volumeMinor, 0),
  });
  const byName = Map.groupBy(
    parts.flatMap((part) => part.byCategory),
    ({ category }) => category,
  );
  const merged = new Map([...byName].map(([name, groups]) => [name, sumOf(groups)]));
  return largest(merged, { sizeOf: ({ volumeMinor }) => volumeMinor, sum: sumOf }).map(([category, group]) => ({
    category,
    ...group,
  }));
}
