/**
 * One measurement by itself, as JSON on stdout; what is going on, on stderr.
 * Usage: node bench/end-to-end/main.ts [--seconds 20] [--accounts 1000] [--batch 100] [--in-flight 16] [--rate N]
 *   [--spread all-chains|one-chain] [--warm-up 3] [--rounds 1] [--data DIR | --memory] [--cpu-prof DIR] [--no-audit]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withWorkDir } from '../support/cloud.ts';
import { runEndToEnd } from './end-to-end.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    accounts: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '100' },
    'in-flight': { type: 'string', default: '16' },
    rate: { type: 'string' },
    spread: { type: 'string', default: 'all-chains' },
    'warm-up': { type: 'string', default: '3' },
    rounds: { type: 'string', default: '1' },
    data: { type: 'string' },
    memory: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    audit: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const spread = values.spread;
if (spread !== 'all-chains' && spread !== 'one-chain') throw new Error('Give --spread all-chains or one-chain');

const run = (dataDir: string) =>
  runEndToEnd({
    dataDir,
    accounts: Number(values.accounts),
    batch: Number(values.batch),
    inFlight: Number(values['in-flight']),
    ...(values.rate !== undefined && { ratePerSecond: Number(values.rate) }),
    spread,
    warmUpSeconds: Number(values['warm-up']),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    ...(values['cpu-prof'] !== undefined && { profileDir: values['cpu-prof'] }),
    audited: values.audit,
    say: (line) => console.error(line),
  });

console.log(JSON.stringify(await inFolder(), null, 2));
process.exit();

async function inFolder() {
  if (values.data !== undefined) {
    mkdirSync(values.data, { recursive: true });
    return run(values.data);
  }
  if (!values.memory) return withWorkDir(run);
  const folder = mkdtempSync('/dev/shm/turing-bench-');
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
