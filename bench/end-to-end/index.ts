import { join } from 'node:path';
import type { Bench } from '../support/bench.ts';
import { runEndToEnd } from './end-to-end.ts';

const ROUNDS = 5;
/** Full: the whole minute that the target speaks of, each time. */
const SECONDS = { short: 6, full: 60 };
/** As the twin sends them. */
const BATCH = 250;
const IN_FLIGHT = 32;

export const bench: Bench = {
  name: 'end-to-end',
  title: 'HTTP batch in, durable on disk, views written',
  async run({ workDir, full, say }) {
    const seconds = full ? SECONDS.full : SECONDS.short;
    const results = [];
    for (const spread of ['all-chains', 'one-chain'] as const) {
      const dataDir = join(workDir, spread);
      const options = { dataDir, accounts: 1_000, batch: BATCH, inFlight: IN_FLIGHT, spread };
      const result = await runEndToEnd({ ...options, warmUpSeconds: 4, seconds, rounds: ROUNDS, audited: true, say });
      const { lostEvents, lostEntries, breaches, views } = result.checks;
      if (lostEvents !== 0 || lostEntries !== 0 || breaches !== 0 || views !== 'compared')
        throw new Error(`What was accepted does not verify: ${JSON.stringify(result.checks)}`);
      const failed = result.rounds.reduce((sum, round) => sum + round.failed + round.refused, 0);
      if (failed > 0) throw new Error(`${failed} commands failed: ${result.rounds[0]?.complaints.join(' ')}`);
      results.push({ spread, result });
    }
    return {
      figures: results.flatMap(({ spread, result }) => {
        const accounts = spread === 'all-chains' ? 'accounts of all 16 chains' : 'accounts of one chain a batch';
        const load = `${IN_FLIGHT} requests of ${BATCH} entries in flight (${accounts}), ${ROUNDS} runs of ${seconds} s, from a process of its own on the same machine; all audited afterwards`;
        return [
          {
            name: `end to end, ${accounts}`,
            unit: 'PostEntry/s',
            samples: result.rounds.map((each) => each.commandsPerSecond),
            method: load,
            target: { atLeast: 15_000, goal: 25_000 },
          },
          {
            name: `end to end, views drained, ${accounts}`,
            unit: 's',
            samples: result.rounds.map((each) => each.drainSeconds),
            method: 'From the last answer until GET …/chains says that the views hold every event',
            target: { atMost: 5 },
          },
          {
            name: `end to end, p99 of a request, ${accounts}`,
            unit: 'ms',
            samples: result.rounds.map((each) => each.latencyMs.p99),
            method: `A request carries ${BATCH} entries and waits behind ${IN_FLIGHT - 1} others`,
          },
          {
            name: `end to end, CPU time of a command, ${accounts}`,
            unit: 'µs',
            samples: result.rounds.map((each) => each.cpuMicrosPerCommand),
            method: 'All threads of the local cloud and its engine, views included, the load generator left out',
          },
        ];
      }),
      details: Object.fromEntries(results.map(({ spread, result }) => [spread, result])),
    };
  },
};
