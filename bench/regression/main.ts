/**
 * Fails where the ledger has become dearer than bench/regression/budget.json allows. It compares ratios and counts, never times.
 * Usage: npx node bench/regression/main.ts [--update], which agrees on the budget anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { table } from '../../src/cli/text/table.ts';
import { amount } from '../support/result-text.ts';
import { type Budget, isPassed, judge } from './budget.ts';
import { counts } from './counts.ts';
import { cpuRatios } from './cpu-ratios.ts';

/** Counts are exact but for the lengths of numbers; CPU time is not, a shared machine bends it, and most where the system is called. */
const COUNT_FACTOR = 1.03;
const CPU_FACTOR = 1.3;
const CALL_FACTOR = 1.5;
const ATTEMPTS = 2;

const file = new URL('./budget.json', import.meta.url);
const measure = async () => ({ counted: await counts(), ...(await cpuRatios()) });
if (process.argv.includes('--update')) {
  const { counted, reckoning, calling } = await measure();
  const budget = {
    ...budgetOf(counted, COUNT_FACTOR),
    ...budgetOf(reckoning, CPU_FACTOR),
    ...budgetOf(calling, CALL_FACTOR),
  };
  writeFileSync(file, `${JSON.stringify(budget, null, 2)}\n`);
  console.log(`Wrote ${Object.keys(budget).length} quantities to bench/regression/budget.json`);
  process.exit();
}
const budget = JSON.parse(readFileSync(file, 'utf8')) as Budget;
let passed = false;
for (let attempt = 1; attempt <= ATTEMPTS && !passed; attempt++) {
  const { counted, reckoning, calling } = await measure();
  const verdicts = judge({ ...counted, ...reckoning, ...calling }, budget);
  passed = isPassed(verdicts);
  const rows = verdicts.map(({ name, measured, allowed, verdict }) => [
    name,
    amount(measured),
    `≤ ${amount(allowed)}`,
    verdict === 'slack' ? 'far below: agree on it anew with --update' : verdict,
  ]);
  const columns = [{ title: '' }, { title: 'is', align: 'right' as const }, { title: 'may be' }, { title: '' }];
  for (const line of table(columns, rows)) console.log(line);
}
console.log(
  passed ? 'Within the budget' : 'Dearer than the budget allows: make it cheaper, or agree on more with --update',
);
process.exit(passed ? 0 : 1);

function budgetOf(measured: Record<string, number>, factor: number): Budget {
  return Object.fromEntries(
    Object.entries(measured).map(([name, value]) => [name, { value: Number(value.toPrecision(4)), factor }]),
  );
}
