import { drained, eventsOf } from '../support/bank.ts';
import { measureRound, type Round } from '../end-to-end/end-to-end.ts';
import type { Bench } from '../support/bench.ts';
import type { Load } from '../support/load/load.ts';
import { OPEN_LOOP_CONNECTIONS, withSession } from '../support/session.ts';
import { type Percentiles, percentilesOf } from '../support/statistics.ts';
import { highestHeldOf } from './highest-held.ts';

const ACCOUNTS = 1_000;
const STEADY_RATE = 200;
const STEADY_RUNS = 5;
const HELD_P99_MS = 100;
/** A rate is not held when so much less is answered, however fast. */
const HELD_SHARE = 0.98;
const FIRST_RATE = 500;
const SEARCHES = 5;
const RATE_MAX = 16_000;
const IN_FLIGHT = 64;
const IN_FLIGHT_RUNS = 5;
/** A step may fail for a reason of the machine's: it is tried once more before it counts. */
const ATTEMPTS = 2;
const EVENTS_AN_ENTRY = 3;

export const bench: Bench = {
  name: 'single-commands',
  title: 'Single commands over HTTP, sent at a fixed rate whether answers come or not',
  run: ({ workDir, full, say }) =>
    withSession({ dataDir: workDir, accounts: ACCOUNTS }, async ({ cloud, api, load: startLoad }) => {
      const load = await startLoad({ batch: 1, spread: 'all-chains', connections: OPEN_LOOP_CONNECTIONS });
      const eventsBefore = await eventsOf(api);
      const [stepSeconds, searchSeconds] = full ? [10, 5] : [5, 3];
      let { accepted } = await load.run({ kind: 'closed', inFlight: IN_FLIGHT, seconds: 5 });
      await drained(api);

      const steady: Step[] = [];
      for (let run = 0; run < STEADY_RUNS; run++) {
        const step = await runStep(load, STEADY_RATE, stepSeconds);
        accepted += step.accepted;
        steady.push(step);
        say(`${STEADY_RATE}/s: ${text(step)}`);
      }
      const inFlight: Round[] = [];
      for (let run = 0; run < IN_FLIGHT_RUNS; run++) {
        const phase = { kind: 'closed', inFlight: IN_FLIGHT, seconds: stepSeconds } as const;
        const round = await measureRound({ cloud, api, load, phase });
        accepted += round.accepted;
        inFlight.push(round);
        say(`${IN_FLIGHT} in flight: ${Math.round(round.commandsPerSecond)}/s`);
      }
      const steps: Step[] = [];
      const held = await highestHeldOf(SEARCHES, {
        first: FIRST_RATE,
        most: RATE_MAX,
        async holds(rate) {
          for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
            const step = await runStep(load, rate, searchSeconds);
            accepted += step.accepted;
            steps.push(step);
            say(`${rate}/s: ${text(step)}${isHeld(step) ? '' : ', not held'}`);
            await drained(api);
            if (isHeld(step)) return true;
          }
          return false;
        },
      });
      await drained(api);
      const lostEvents = eventsBefore + accepted * EVENTS_AN_ENTRY - (await eventsOf(api));
      if (lostEvents !== 0) throw new Error(`${lostEvents} events of accepted commands are not in the journal`);

      const method = `${STEADY_RATE} commands a second over HTTP for ${stepSeconds} s, each timed from when it should have been sent, ${STEADY_RUNS} runs; durable on disk, views written beside`;
      const latency = (percentile: keyof Percentiles, target?: { atMost: number }) => ({
        name: `single commands at ${STEADY_RATE}/s, ${percentile}`,
        unit: 'ms',
        samples: steady.map(({ latencyMs }) => latencyMs[percentile]),
        method,
        ...(target && { target }),
      });
      return {
        figures: [
          latency('p50'),
          latency('p95', { atMost: 15 }),
          latency('p99', { atMost: 50 }),
          {
            name: `single commands, highest rate held with p99 ≤ ${HELD_P99_MS} ms`,
            unit: 'commands/s',
            samples: held,
            method: `${SEARCHES} searches over ${OPEN_LOOP_CONNECTIONS} connections in steps of ${searchSeconds} s, at rates that double until one is not held, or halve until one is, then halve the distance; a step that fails is tried once more, one that is held is not`,
            target: { atLeast: 2_000, goal: 5_000 },
          },
          {
            name: `single commands, ${IN_FLIGHT} in flight`,
            unit: 'commands/s',
            samples: inFlight.map(({ commandsPerSecond }) => commandsPerSecond),
            method: `The next as soon as one is answered, ${IN_FLIGHT_RUNS} runs of ${stepSeconds} s`,
          },
          {
            name: `single commands, CPU time of a command`,
            unit: 'µs',
            samples: inFlight.map(({ cpuMicrosPerCommand }) => cpuMicrosPerCommand),
            method:
              'All threads of the local cloud and its engine in the same runs, views included, the load generator left out',
          },
        ],
        details: { steady, steps, inFlight } satisfies SingleCommandsDetails,
      };
    }),
};

/** What the results' file keeps beside the figures. */
export interface SingleCommandsDetails {
  /** At the rate of the target. */
  steady: Step[];
  /** Of the searches for the highest rate. */
  steps: Step[];
  /** As many at once as in the comparison with other stores. */
  inFlight: Round[];
}

interface Step {
  ratePerSecond: number;
  answeredPerSecond: number;
  accepted: number;
  failed: number;
  latencyMs: Percentiles;
}

async function runStep(load: Load, ratePerSecond: number, seconds: number): Promise<Step> {
  const { latenciesMs, accepted, failed, elapsedMs } = await load.run({ kind: 'open', ratePerSecond, seconds });
  return {
    ratePerSecond,
    answeredPerSecond: (accepted * 1_000) / elapsedMs,
    accepted,
    failed,
    latencyMs: percentilesOf([...latenciesMs]),
  };
}

function isHeld({ ratePerSecond, answeredPerSecond, failed, latencyMs }: Step): boolean {
  return failed === 0 && latencyMs.p99 <= HELD_P99_MS && answeredPerSecond >= ratePerSecond * HELD_SHARE;
}

function text({ latencyMs: { p50, p95, p99 } }: Step): string {
  return `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}
