import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Bench, Figure } from '../support/bench.ts';
import { type PartRule, sharesOf } from '../support/profile-shares.ts';
import type { WorkerAnswer, WorkerRequest } from './worker.ts';
import { measurePlatform, type PlatformShares } from './platform.ts';
import { WRITE_PATH_DEFAULTS, type WritePathOptions } from './write-path.ts';

const SECONDS = 2;
const SAMPLES = 5;
/** Until the code is compiled: the first second runs at half the speed. */
const WARM_UP_SECONDS = 3;

/** What a function's time counts for. The order decides: what is called from everywhere comes first. */
const PARTS: readonly PartRule[] = [
  { part: 'garbage collection', matches: /^\(garbage collector\)/ },
  { part: 'hash (SHA-256)', matches: /crypto|sha256/i },
  { part: 'compression', matches: /zlib|^(?:gzip|deflate|zstd)/i },
  { part: 'making up requests', matches: /bench\/support\/load/ },
  { part: 'reading the request', matches: /^jsonBody |middleware\/http\.ts/ },
  { part: 'validation and rights', matches: /zod|src\/contract|gateway\/(?:validate|authorise|normalise)/ },
  { part: 'events serialised', matches: /core\/chain\/line\.ts/ },
  { part: 'deciding', matches: /src\/core/ },
  { part: 'item and its encoding', matches: /journal\/items|src\/dynamodb|bench\/write-path/ },
  { part: 'gateway and replies', matches: /src\/gateway|src\/journal/ },
];

export const bench: Bench = {
  name: 'write-path',
  title: 'Write path in process: bytes of a request in, bytes of commit and reply out',
  async run({ say }) {
    const results = [];
    for (const spread of ['all-chains', 'one-chain'] as const) {
      const one = await measure({ threads: 1, spread });
      say(`${spread}: one thread ${Math.round(medianRate(one, 'commands'))} commands/s`);
      const two = await measure({ threads: 2, spread });
      say(`${spread}: two threads ${Math.round(medianRate(two, 'events'))} events/s`);
      const platform = await measurePlatform({ ...WRITE_PATH_DEFAULTS, spread, rounds: SAMPLES });
      say(`${spread}: Node's own functions alone ${microsOf(platform[0]).toFixed(1)} µs a command`);
      results.push({ spread, one, two, platform });
    }
    return {
      figures: results.flatMap(({ spread, one, two, platform }) => [
        ...figuresOf(spread, one, two),
        platformFigure(spread, platform),
      ]),
      details: Object.fromEntries(
        results.map(({ spread, one, platform }) => [
          spread,
          { shares: one.shares, perCommand: perCommand(one), platform } satisfies WritePathDetails,
        ]),
      ),
    };
  },
};

/** What the results' file keeps beside the figures, for each spread. */
export interface WritePathDetails {
  shares: Record<string, number>;
  perCommand: Record<string, number>;
  platform: PlatformShares[];
}

export interface WritePathMeasurement {
  /** A list of the threads' answers for each run. */
  runs: WorkerAnswer[][];
  shares: Record<string, number>;
}

/** Runs the write path on so many threads at once, each with a tenant and a journal of its own. */
export async function measure(
  options: Partial<WritePathOptions> & { threads: number; samples?: number; seconds?: number },
): Promise<WritePathMeasurement> {
  const { threads, samples = SAMPLES, seconds = SECONDS, ...path } = options;
  const workerData = { ...WRITE_PATH_DEFAULTS, ...path };
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./worker.ts', import.meta.url), { workerData, name: 'write-path' }),
  );
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const ask = (request: WorkerRequest): Promise<WorkerAnswer[]> =>
      Promise.all(
        workers.map(async (worker) => {
          const answered = once(worker, 'message');
          worker.postMessage(request);
          const [answer] = (await answered) as [WorkerAnswer];
          return answer;
        }),
      );
    await ask({ seconds: WARM_UP_SECONDS, profiled: false });
    const runs: WorkerAnswer[][] = [];
    for (let sample = 0; sample < samples; sample++) runs.push(await ask({ seconds, profiled: false }));
    const [profiled] = await ask({ seconds, profiled: true });
    return { runs, shares: profiled?.profile ? sharesOf(profiled.profile, PARTS) : {} };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Commands or events a second, all threads together, for each run. */
export function ratesOf({ runs }: WritePathMeasurement, what: 'commands' | 'events'): number[] {
  return runs.map((answers) =>
    answers.reduce((sum, { counts, elapsedMs }) => sum + (counts[what] * 1_000) / elapsedMs, 0),
  );
}

/** CPU microseconds of the thread for a command, for each run. */
export function cpuMicrosOf({ runs }: WritePathMeasurement): number[] {
  return runs.map(
    (answers) =>
      answers.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) /
      answers.reduce((sum, { counts }) => sum + counts.commands, 0),
  );
}

/** What a command costs in bytes and write units, over all runs. */
export function perCommand({ runs }: WritePathMeasurement): Record<string, number> {
  const sum = (field: keyof WorkerAnswer['counts']): number =>
    runs.flat().reduce((total, { counts }) => total + counts[field], 0);
  const commands = sum('commands');
  return {
    requestBytes: sum('requestBytes') / commands,
    replyBytes: sum('replyBytes') / commands,
    putBytes: sum('putBytes') / commands,
    itemBytes: sum('itemBytes') / commands,
    writeUnits: sum('writeUnits') / commands,
    commandsPerCommit: commands / sum('commits'),
  };
}

function medianRate(measurement: WritePathMeasurement, what: 'commands' | 'events'): number {
  return ratesOf(measurement, what).toSorted((a, b) => a - b)[Math.floor(measurement.runs.length / 2)] ?? 0;
}

function figuresOf(spread: WritePathOptions['spread'], one: WritePathMeasurement, two: WritePathMeasurement): Figure[] {
  const accounts = accountsOf(spread);
  const method = `Batches of 50 entries of two legs over 1,000 accounts (${accounts}), 8 requests in flight, through HTTP reading, validation, rights, decision, hash chain and item encoding; the journal stores nothing; ${SAMPLES} runs of ${SECONDS} s`;
  return [
    {
      name: `write path, one thread, ${accounts}`,
      unit: 'PostEntry/s',
      samples: ratesOf(one, 'commands'),
      method,
      target: { atLeast: 50_000 },
    },
    {
      name: `write path, two threads, ${accounts}`,
      unit: 'events/s',
      samples: ratesOf(two, 'events'),
      method: `${method}; a gateway of its own for each thread, three events an entry`,
      target: { atLeast: 200_000 },
    },
    {
      name: `write path, CPU time of a command, ${accounts}`,
      unit: 'µs',
      samples: cpuMicrosOf(one),
      method: 'CPU time of the thread in the same runs, which other work on the machine disturbs less than the rate',
    },
  ];
}

function platformFigure(spread: WritePathOptions['spread'], platform: readonly PlatformShares[]): Figure {
  return {
    name: `write path, CPU time that Node’s own functions alone take for a command, ${accountsOf(spread)}`,
    unit: 'µs',
    samples: platform.map(microsOf),
    method:
      'The same bytes once more, with nothing decided in between: requests parsed, events serialised and hashed, commits compressed and encoded, replies serialised',
  };
}

function accountsOf(spread: WritePathOptions['spread']): string {
  return spread === 'all-chains' ? 'accounts of all 16 chains' : 'accounts of one chain a batch';
}

function microsOf(shares: PlatformShares | undefined): number {
  return Object.values(shares ?? {}).reduce((total, micros) => total + micros, 0);
}
