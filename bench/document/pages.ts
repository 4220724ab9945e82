import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../src/cli/project-paths.ts';
import { COST_PAGE, idleDollars } from '../cost/idle.ts';
import { type Results, resultsIn } from '../support/results.ts';
import { withMeasuredCosts } from './cost-page.ts';
import { growthPlots } from './growth.ts';
import { missingIn, performancePage } from './page.ts';

const RESULTS = join(PATHS.root, 'bench/results');
const PLOT_FOLDER = 'performance';

/** @returns all that is made from results, by path: docs/performance.md, the plots beside it, and docs/operating/cost.md */
export function pagesOf(results: Results): Record<string, string> {
  const docs = join(PATHS.root, 'docs');
  const costPage = readFileSync(COST_PAGE, 'utf8');
  const benchOf = (wanted: string) => results.benches.find(({ name }) => name === wanted);
  const plots = Object.entries(growthPlots(benchOf('growth')));
  return {
    [COST_PAGE]: withMeasuredCosts(costPage, benchOf('cost')),
    [join(docs, 'performance.md')]: performancePage(results, {
      plotFolder: PLOT_FOLDER,
      idleDollars: idleDollars(costPage),
    }),
    ...Object.fromEntries(plots.map(([name, svg]) => [join(docs, PLOT_FOLDER, name), svg])),
  };
}

/** @returns the newest file of bench/results that has all benchmarks. @throws Error where none has */
export function newestWhole(): string {
  const whole = readdirSync(RESULTS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ path: join(RESULTS, name), results: resultsIn(join(RESULTS, name)) }))
    .filter(({ results }) => missingIn(results).length === 0)
    .toSorted((a, b) => b.results.at.localeCompare(a.results.at));
  if (!whole[0])
    throw new Error(
      `No results in ${RESULTS} have all benchmarks: npm run bench -- --peers makes some, or name a file`,
    );
  return whole[0].path;
}
