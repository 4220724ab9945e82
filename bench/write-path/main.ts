/**
 * The write path by itself, as JSON on stdout.
 * Usage: node bench/write-path/main.ts [--spread all-chains|one-chain] [--threads 1] [--batch 50] [--in-flight 8] [--samples 5] [--seconds 2]
 */
import { parseArgs } from 'node:util';
import { spreadOf } from '../support/statistics.ts';
import { cpuMicrosOf, measure, perCommand, ratesOf } from './index.ts';

const { values } = parseArgs({
  options: {
    spread: { type: 'string', default: 'all-chains' },
    threads: { type: 'string', default: '1' },
    batch: { type: 'string', default: '50' },
    'in-flight': { type: 'string', default: '8' },
    samples: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
  },
});
const { spread } = values;
if (spread !== 'all-chains' && spread !== 'one-chain') throw new Error('Give --spread all-chains or one-chain');
const measured = await measure({
  spread,
  threads: Number(values.threads),
  batch: Number(values.batch),
  inFlight: Number(values['in-flight']),
  samples: Number(values.samples),
  seconds: Number(values.seconds),
});
console.log(
  JSON.stringify(
    {
      commandsPerSecond: spreadOf(ratesOf(measured, 'commands')),
      eventsPerSecond: spreadOf(ratesOf(measured, 'events')),
      cpuMicrosPerCommand: spreadOf(cpuMicrosOf(measured)),
      perCommand: perCommand(measured),
      shares: measured.shares,
    },
    null,
    2,
  ),
);
