import type { AccountRow } from '../accounts/account-row.ts';
import { type StatementPage, daysBetween, pageCount, referencesIn } from '../accounts/statement.ts';
import { chunksOf } from '../in-parallel.ts';
import { statementPageKey } from '../keys.ts';
import type { ViewStore } from '../port.ts';

/** Pages read together once the first one has been found. */
const PAGES_A_READ = 8;

/**
 * Balance of an account at the end of a day: the sum of all changes whose value date is not later. Value dates mostly rise
 * along a statement but need not, so:
 * - all changes before the first page that reaches beyond the day count: that page's opening balance. It is found by halving,
 *   since the newest value date so far only rises from page to page.
 * - no value date stands more than `disorderDays` behind the newest before it, so the search ends where the newest
 *   before a page is later than the day by more than that.
 * @returns minor units
 */
export async function balanceAsOf(options: {
  views: ViewStore;
  tenantId: string;
  row: AccountRow;
  day: string;
}): Promise<number> {
  const { views, tenantId, row, day } = options;
  const tail = tailPageOf(row);
  const fullPages = pageCount(row.eventCount);
  const read = async (numbers: readonly number[]): Promise<StatementPage[]> => {
    const keys = numbers.map((page) => statementPageKey({ tenantId, accountId: row.accountId, page }));
    const pages = await views.get(keys);
    return pages.map((page, index) => {
      if (!page)
        throw new Error(
          `Cannot read page ${numbers[index]} of the statement of account "${row.accountId}": it is missing`,
        );
      return page;
    });
  };
  const reachesBeyond = (page: StatementPage | undefined): boolean => !!page?.newestThrough && page.newestThrough > day;

  let first = 0;
  for (let end = fullPages; first < end;) {
    const middle = Math.floor((first + end) / 2);
    if (reachesBeyond((await read([middle]))[0])) end = middle;
    else first = middle + 1;
  }
  if (first === fullPages && !reachesBeyond(tail)) return row.balanceMinor;

  const numbers = Array.from({ length: fullPages - first }, (_, index) => first + index);
  let balanceMinor: number | undefined;
  for (const chunk of [...chunksOf(numbers, PAGES_A_READ).map((some) => () => read(some)), async () => [tail]]) {
    for (const page of await chunk()) {
      balanceMinor ??= page.openingMinor;
      if (
        page.newestBefore !== null &&
        page.newestBefore > day &&
        daysBetween(day, page.newestBefore) > row.disorderDays
      ) {
        return balanceMinor;
      }
      for (const [, , valueDate, deltaMinor] of referencesIn(page.references)) {
        if (valueDate !== null && valueDate <= day) balanceMinor += deltaMinor ?? 0;
      }
    }
  }
  return balanceMinor ?? row.balanceMinor;
}

/** The newest references as the page that they will be once there are enough. */
function tailPageOf(row: AccountRow): StatementPage {
  return {
    references: row.tail,
    openingMinor: row.openingMinor,
    newestBefore: row.newestBeforeTail,
    newestThrough: row.newest,
  };
}
