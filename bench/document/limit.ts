import type { EndToEndResult, Round } from '../end-to-end/end-to-end.ts';
import type { SingleCommandsDetails } from '../single-commands/index.ts';
import type { WritePathDetails } from '../write-path/index.ts';
import type { PlatformShares } from '../write-path/platform.ts';
import { medianOf } from '../support/statistics.ts';
import type { Results } from '../support/results.ts';
import { amount } from '../support/result-text.ts';
import { markdownTable } from './markdown.ts';

/** What threads do, by the beginnings of their names in a reading of CPU time. */
const THREADS: readonly [RegExp, string][] = [
  [/\/Comm/, 'command function: reading, validation, decision, hash chain, compression, calls of the journal'],
  [/\/Proj/, 'projection function: folding commits, writing the views'],
  [/^main\/MainThread/, 'local cloud: front door, tokens, access checks and change records before the engine'],
  [/^dynoxide|^engine/, 'DynamoDB engine: SQLite, and waiting for the disk, which is not CPU time'],
  [/kinesis/, 'Kinesis'],
  [/\/(?:Dige|Swee)/, 'digest and sweep functions, every five minutes'],
  [/\/Quer/, 'query function: the benchmark’s own question whether the views have followed'],
  [/V8Worker|Worker$/, 'V8’s helpers: garbage collection and compiling, of all threads together'],
];

/** Where a command's time goes: in process by kind of work, end to end by thread. */
export function limitSection(results: Results): string[] {
  const detailsOf = (name: string): unknown => results.benches.find((bench) => bench.name === name)?.details;
  // The benchmarks `write-path`, `end-to-end` and `single-commands` wrote them.
  const inProcess = detailsOf('write-path') as Record<string, WritePathDetails> | undefined;
  const endToEnd = detailsOf('end-to-end') as Record<string, EndToEndResult> | undefined;
  const single = detailsOf('single-commands') as SingleCommandsDetails | undefined;
  const { shares, platform = [] } = inProcess?.['all-chains'] ?? {};
  const batches = endToEnd?.['all-chains']?.rounds ?? [];
  const oneByOne = single?.inFlight ?? [];
  return [
    '## What the limit is',
    ...(shares
      ? [
          'In the write path alone, a command’s CPU time is spent so (a profile of one thread, samples by function):',
          markdownTable(
            [{ title: 'part' }, { title: 'share', align: 'right' }],
            Object.entries(shares).map(([part, share]) => [part, percent(share)]),
          ),
        ]
      : []),
    ...platformText(platform),
    ...(platform.length > 0 ? [WRITE_PATH_REASON] : []),
    ...(batches.length > 0
      ? ['End to end, with HTTP, the engine and the views, by thread, in batches:', threadsTable(batches)]
      : []),
    ...(oneByOne.length > 0
      ? [
          'The same one by one, a request for each command, 64 in flight: what a batch shares, each pays for itself here.',
          threadsTable(oneByOne),
        ]
      : []),
    ...(batches.length + oneByOne.length > 0
      ? [
          `All threads share the machine’s ${results.machine.cores} cores with the load generator: so many microseconds a command bound the rate.
These are means over all runs; the figures above are medians.
${DIGEST_AND_SWEEP}`,
        ]
      : []),
  ];
}

const WRITE_PATH_TARGET = 50_000;

/** Why the write path does not reach what prototypes did. */
const WRITE_PATH_REASON = `The targets of the write path come from prototypes that parsed, validated, decided, hashed and compressed. This one also looks for
members given twice, checks rights, digests the key and the payload of each command for its idempotency, routes it to its chains, groups
what comes together without letting one command spoil another's commit, and names every event in its answer. All of that is spread over many small places.
Two threads do less than twice as much, since V8's helpers, which collect garbage beside them, need the same cores.`;

/** Why one of some runs on the same store is slower than the others. */
const DIGEST_AND_SWEEP = `Every five minutes the digest and the sweep read all that was written since the last time, the one to sign it, the other to find what
the views lack and to take snapshots. Here they take the same cores, so that a run in which they fall is slower, and a search for the
highest rate finds a lower one; on AWS they have processors of their own. A disk that is slow for a while, as that of a shared machine is
at times, does the same.`;

const WORKS: Record<keyof PlatformShares, string> = {
  parse: 'request parsed',
  serialise: 'events serialised',
  hash: 'events hashed',
  pack: 'commit compressed and encoded',
  reply: 'reply serialised',
};

/** The floor below the write path: what the same bytes cost in Node's own functions. */
function platformText(platform: readonly PlatformShares[]): string[] {
  if (platform.length === 0) return [];
  const works = Object.entries(WORKS).map(([work, name]) => ({
    name,
    micros: medianOf(platform.map((shares) => shares[work as keyof PlatformShares])),
  }));
  const total = works.reduce((sum, { micros }) => sum + micros, 0);
  return [
    'The same bytes gone over by Node’s own functions alone, with nothing checked or decided in between, are the floor below it:',
    markdownTable(
      [{ title: 'work' }, { title: 'CPU µs a command', align: 'right' }],
      [
        ...works.map(({ name, micros }) => [name, amount(micros)]),
        [`**all**, ${amount(Math.round(1e6 / total))} entries a second`, `**${amount(total)}**`],
      ],
    ),
    `${amount(WRITE_PATH_TARGET)} commands a second on one thread are ${amount(1e6 / WRITE_PATH_TARGET)} µs each: the floor leaves ${amount(1e6 / WRITE_PATH_TARGET - total)} for everything else.`,
  ];
}

function threadsTable(rounds: readonly Round[]): string {
  return markdownTable(
    [{ title: 'thread' }, { title: 'CPU µs a command', align: 'right' }, { title: 'share', align: 'right' }],
    threadRows(rounds),
  );
}

function threadRows(rounds: readonly Round[]): string[][] {
  const byThread = new Map<string, number>();
  const accepted = rounds.reduce((sum, round) => sum + round.accepted, 0);
  for (const { cpuSeconds } of rounds) {
    for (const [name, seconds] of Object.entries(cpuSeconds)) {
      const what = THREADS.find(([pattern]) => pattern.test(name))?.[1] ?? 'everything else';
      byThread.set(what, (byThread.get(what) ?? 0) + (seconds * 1e6) / accepted);
    }
  }
  const total = [...byThread.values()].reduce((sum, each) => sum + each, 0);
  return [
    ...[...byThread]
      .toSorted(([, a], [, b]) => b - a)
      .map(([what, micros]) => [what, amount(micros), percent(micros / total)]),
    ['**all**', `**${amount(total)}**`, ''],
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
