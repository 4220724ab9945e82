import type { CostDetails } from '../cost/measured.ts';
import { idleDollars } from '../cost/idle.ts';
import type { BenchResult } from '../support/results.ts';
import { batchesTable, monthTable, queriesTable, singlesTable } from './cost.ts';

/**
 * Puts what was measured into docs/operating/cost.md, between the comments that mark its place. The rest of the page is
 * written by hand.
 * @returns the page, as it was where cost was not measured. @throws Error where a mark is missing
 */
export function withMeasuredCosts(page: string, bench: BenchResult | undefined): string {
  const details = bench?.details as CostDetails | undefined; // the benchmark `cost` wrote them
  if (!details) return page;
  const tables = {
    batches: batchesTable(details),
    singles: singlesTable(details),
    queries: queriesTable(details),
    month: monthTable(details, idleDollars(page)),
  };
  return Object.entries(tables).reduce((text, [name, table]) => between(text, name, table), page);
}

function between(page: string, name: string, table: string): string {
  const [open, close] = [`<!-- ${name}: made by \`node bench/document.ts\` -->`, `<!-- end of ${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`Cannot find the place of "${name}" in docs/operating/cost.md`);
  return `${page.slice(0, start + open.length)}\n\n${table}\n\n${page.slice(end)}`;
}
