import { fullChainName } from '../../src/core/chain/name.ts';
import { verifyChain } from '../../src/proof/verify-chain.ts';
import { medianOf } from '../support/statistics.ts';
import { createWritePath, WRITE_PATH_DEFAULTS, type WritePath } from '../write-path/write-path.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Commit } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { createChainProjector } from '../../src/views/projection/chain-projector.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { calibrate } from './calibration.ts';
import { clientOfIdleServer } from './client-cpu.ts';

const ROUNDS = 7;
const REQUESTS = 60;
const WARM_UP_REQUESTS = 300;
const CLIENT_WARM_UP = 5;

/**
 * CPU time of parts of the ledger, in rounds of a fixed calibration that runs in turns with them: how fast the machine is, and what
 * else it does, falls out. CPU time of the thread, not the clock's; apart what reckons, and what calls the operating system, of which
 * the calibration knows nothing.
 */
export async function cpuRatios(): Promise<Record<'reckoning' | 'calling', Record<string, number>>> {
  const commits: Commit[] = [];
  const path = await createWritePath({ ...WRITE_PATH_DEFAULTS, inFlight: 1 });
  const recorded = await createWritePath(
    { ...WRITE_PATH_DEFAULTS, accounts: 1 },
    {
      commit: (commit) => commits.push(commit),
    },
  );
  await recorded.run({ requests: WARM_UP_REQUESTS });
  const exported = exportOf(commits);
  await path.run({ requests: WARM_UP_REQUESTS });
  const client = await clientOfIdleServer();
  for (let round = 0; round < CLIENT_WARM_UP; round++) await client.call();
  await projectAll(commits);
  calibrate();

  const writing: number[] = [];
  const verifying: number[] = [];
  const calling: number[] = [];
  const projecting: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const unit = calibrate();
    writing.push((await cpuMicros(() => writeSome(path))) / unit);
    verifying.push((await cpuMicros(() => verifyAll(exported))) / unit);
    calling.push((await cpuMicros(() => client.call())) / unit);
    projecting.push((await cpuMicros(() => projectAll(commits))) / unit);
  }
  await client.stop();
  return {
    reckoning: {
      'CPU of a command in the write path': medianOf(writing),
      'CPU of verifying an event': medianOf(verifying),
      'CPU of projecting an event, on views in memory': medianOf(projecting),
    },
    calling: { 'CPU of a call to DynamoDB, in its client': medianOf(calling) },
  };
}

/** @returns CPU microseconds for each thing that was done */
async function cpuMicros(work: () => Promise<number>): Promise<number> {
  const before = process.threadCpuUsage();
  const done = await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / done;
}

async function writeSome(path: WritePath): Promise<number> {
  return (await path.run({ requests: REQUESTS })).commands;
}

interface Export {
  chain: string;
  bytes: Buffer;
  head: { seq: number; hash: string };
}

/** The longest chain among commits. */
function exportOf(commits: readonly Commit[]): Export {
  const chains = [...Map.groupBy(commits, fullChainName)].map(([chain, each]) => ({ chain, each, last: each.at(-1) }));
  const [longest] = chains.toSorted((a, b) => (b.last?.lastSeq ?? 0) - (a.last?.lastSeq ?? 0));
  if (!longest?.last) throw new Error('There are no commits');
  const { chain, each, last } = longest;
  return {
    chain,
    bytes: Buffer.from(`${each.map(({ body }) => body).join('\n')}\n`),
    head: { seq: last.lastSeq, hash: last.headHash },
  };
}

async function verifyAll({ chain, bytes, head }: Export): Promise<number> {
  const { fault, seq } = await verifyChain({ chain, lines: [bytes], points: [head] });
  if (fault) throw new Error(`The chain does not verify: ${fault.reason}`);
  return seq;
}

/** Brings views that are empty up to date with all chains of some commits. @returns how many events these have */
async function projectAll(commits: readonly Commit[]): Promise<number> {
  const projector = createChainProjector({
    journal: createMemoryJournal(),
    store: createMemoryViews(),
    sha256,
    monitor: {
      projected: () => undefined,
      breach({ reason }) {
        throw new Error(`The projection finds a breach: ${reason}`);
      },
    },
    now: Date.now,
  });
  let events = 0;
  for (const images of Map.groupBy(commits, fullChainName).values()) {
    const { lastSeq: target = 0, ...ref } = images.at(-1) ?? { tenantId: '', chain: '' };
    const [cursor] = await projector.cursorsOf([ref]);
    if (!cursor) throw new Error('There is no cursor');
    const { seq } = await projector.project({ ref, images, target, cursor });
    if (seq !== target) throw new Error(`The projection ends at ${seq} of ${target}`);
    events += seq;
  }
  return events;
}
