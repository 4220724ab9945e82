/**
 * Makes docs/performance.md, the plots beside it, and the measured parts of docs/operating/cost.md from a results file.
 * Usage: npx node bench/document.ts [FILE], by default the newest of bench/results that has all benchmarks
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { missingIn } from './document/page.ts';
import { newestWhole, pagesOf } from './document/pages.ts';
import { resultsIn } from './support/results.ts';

const file = process.argv[2] ?? newestWhole();
const results = resultsIn(file);
// All are made before the first is written: results of another form leave everything as it was.
for (const [path, text] of Object.entries(pagesOf(results))) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
console.log(`Wrote docs/performance.md and docs/operating/cost.md from ${file}`);
const missing = missingIn(results);
if (missing.length > 0) console.log(`They say nothing of ${missing.join(', ')} any more: that file does not have them`);
