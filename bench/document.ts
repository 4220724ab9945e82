/**
 * Makes docs/performance.md, the plots beside it, and the measured parts of docs/operating/cost.md from a results file.
 * Usage: npx node bench/document.ts [FILE], by default the newest of bench/results that has all benchmarks
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../src/cli/project-paths.ts';
import { COST_PAGE, idleDollars } from './cost/idle.ts';
import { withMeasuredCosts } from './document/cost-page.ts';
import { growthPlots } from './document/growth.ts';
import { missingIn, performancePage } from './document/page.ts';
import type { Results } from './support/results.ts';

const PLOT_FOLDER = 'performance';

const file = process.argv[2] ?? newest(join(import.meta.dirname, 'results'));
const results = resultsIn(file);
const docs = join(PATHS.root, 'docs');
const costPage = readFileSync(COST_PAGE, 'utf8');
const benchOf = (wanted: string) => results.benches.find(({ name }) => name === wanted);
const plots = Object.entries(growthPlots(benchOf('growth')));
// All are made before the first is written: results of another form leave everything as it was.
const pages: [path: string, text: string][] = [
  [COST_PAGE, withMeasuredCosts(costPage, benchOf('cost'))],
  [
    join(docs, 'performance.md'),
    performancePage(results, { plotFolder: PLOT_FOLDER, idleDollars: idleDollars(costPage) }),
  ],
  ...plots.map(([name, svg]): [string, string] => [join(docs, PLOT_FOLDER, name), svg]),
];
mkdirSync(join(docs, PLOT_FOLDER), { recursive: true });
for (const [path, text] of pages) writeFileSync(path, text);
console.log(`Wrote docs/performance.md and docs/operating/cost.md from ${file}`);
const missing = missingIn(results);
if (missing.length > 0) console.log(`They say nothing of ${missing.join(', ')} any more: that file does not have them`);

function resultsIn(path: string): Results {
  return JSON.parse(readFileSync(path, 'utf8')) as Results; // bench/run.ts wrote it
}

function newest(folder: string): string {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const whole = files.find((path) => missingIn(resultsIn(path)).length === 0);
  if (whole === undefined)
    throw new Error(`No results in ${folder} have all benchmarks: npm run bench -- --peers makes some, or name a file`);
  return whole;
}
