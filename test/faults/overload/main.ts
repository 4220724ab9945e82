import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOverload } from './run-overload.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    times: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string' },
  },
});
const [seconds, times] = [Number(values.seconds), Number(values.times)];
if (!(seconds > 0 && times > 0)) throw new Error('Give --seconds and --times numbers above 0');
const dataDir = values.data ?? mkdtempSync(join(tmpdir(), 'turing-overload-'));
const result = await runOverload({ dataDir, seconds, times, seed: values.seed });
const megabytes = (bytes = 0) => `${Math.round(bytes / 1e6)} MB`;
const perSecond = (rate: number) => `${Math.round(rate)} commands/s`;

console.log(`sustained             ${perSecond(result.sustainedPerSecond)}`);
console.log(
  `offered for ${String(seconds).padStart(3)} s     ${perSecond(result.offeredPerSecond)}, ${result.unsent} of them not sent since all clients waited`,
);
console.log(`accepted meanwhile    ${perSecond(result.acceptedPerSecond)}`);
console.log(`answers by status     ${[...result.statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}`);
for (const [name, bytes] of Object.entries(result.most))
  console.log(`memory, ${name.padEnd(12)}  ${megabytes(result.before[name])} before, ${megabytes(bytes)} at most`);
console.log(`latency before        ${result.latencyBeforeMs.toFixed(1)} ms (median, one after the other)`);
const normal = result.normalAfterMs;
console.log(`at most twice that    ${normal === undefined ? 'not again' : `${Math.round(normal)} ms after the end`}`);
console.log(`views complete        ${Math.round(result.viewsAfterMs)} ms after the end`);
console.log(`faults                ${result.faults.length}`);
for (const fault of result.faults.slice(0, 20)) console.log(`  ${fault}`);
if (result.faults.length > 0) {
  console.log(`The store and its logs are kept: ${dataDir}`);
  process.exitCode = 1;
} else if (values.data === undefined) rmSync(dataDir, { recursive: true });
