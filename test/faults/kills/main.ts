import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Killed, runKills } from './run-kills.ts';
import { statisticsOf } from './statistics.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    data: { type: 'string' },
  },
});
const times = Number(values.times);
if (!Number.isInteger(times) || times < 1 || times > 10_000)
  throw new Error(`Give --times a whole number from 1 to 10,000, not "${values.times}"`);
const dataDir = values.data ?? mkdtempSync(join(tmpdir(), 'turing-kills-'));

console.log(`${times} kills, again by: npm run kills -- --times ${times} --seed ${values.seed}\n`);
console.log(' #  killed                  after ms  commands  retried  writes ms  views ms  digest');
const result = await runKills({ dataDir, times, seed: values.seed, told: (killed) => console.log(lineOf(killed)) });

console.log(
  '\nkilled                  times   writes again after ms (median, most)   views complete after ms (median, most)',
);
for (const line of statisticsOf(result.kills)) console.log(line);
console.log(`\n${result.commands} commands, ${result.events} events, ${result.faults.length} faults`);
for (const fault of result.faults.slice(0, 20)) console.log(`  ${fault}`);
if (result.faults.length > 0) {
  console.log(`The store is kept: ${dataDir}`);
  process.exitCode = 1;
} else if (values.data === undefined) rmSync(dataDir, { recursive: true });

function lineOf({ number, kind, afterMs, commands, retried, writesMs, viewsMs, digest }: Killed): string {
  const cells = [afterMs, commands, retried, Math.round(writesMs), Math.round(viewsMs), digest];
  const widths = [10, 10, 9, 11, 10, 8];
  return `${String(number).padStart(2)}  ${kind.padEnd(22)}${cells.map((cell, index) => String(cell).padStart(widths[index] ?? 0)).join('')}`;
}
