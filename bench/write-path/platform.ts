import { lineOf, parseLine } from '../../src/core/chain/line.ts';
import { linkHash } from '../../src/core/chain/hash.ts';
import { itemOfCommit } from '../../src/journal/items.ts';
import type { Commit } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { createWritePath, type WritePathOptions } from './write-path.ts';

const REQUESTS = 200;

/** CPU microseconds of the thread for a command, by kind of work. */
export type PlatformShares = Record<'parse' | 'serialise' | 'hash' | 'pack' | 'reply', number>;

/**
 * What Node's own functions take for the bytes of a command, however little is decided in between: its share of the request
 * parsed, its events written as lines and hashed, its share of the commit packed and encoded, its reply written.
 * @param options.rounds how often the same bytes are gone over; a sample comes from each
 */
export async function measurePlatform(options: WritePathOptions & { rounds: number }): Promise<PlatformShares[]> {
  const commits: Commit[] = [];
  const exchanges: { request: Buffer; reply: unknown }[] = [];
  const path = await createWritePath(options, {
    commit: (commit) => commits.push(commit),
    exchange: (request, reply) =>
      exchanges.push({ request: Buffer.from(request), reply: JSON.parse(reply.toString()) as unknown }),
  });
  commits.length = 0; // those of the set-up
  await path.run({ requests: REQUESTS });
  const commands = exchanges.length * options.batch;
  const events = commits.map((commit) => commit.body.split('\n').map(parseLine));
  const lines = events.map((each) => each.map(lineOf));

  const works: [keyof PlatformShares, () => void][] = [
    ['parse', () => exchanges.forEach(({ request }) => JSON.parse(request.toString()))],
    ['serialise', () => events.forEach((each) => each.forEach(lineOf))],
    [
      'hash',
      () =>
        commits.forEach(({ prevHash }, index) =>
          lines[index]?.reduce((previous, line) => linkHash(previous, line, sha256), prevHash),
        ),
    ],
    ['pack', () => commits.forEach((commit) => JSON.stringify(itemOfCommit(commit)))],
    ['reply', () => exchanges.forEach(({ reply }) => Buffer.from(JSON.stringify(reply)))],
  ];
  const measured = (): PlatformShares =>
    Object.fromEntries(works.map(([name, work]) => [name, cpuMicrosOf(work) / commands])) as PlatformShares;
  measured(); // until the code is compiled
  return Array.from({ length: options.rounds }, measured);
}

function cpuMicrosOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}
