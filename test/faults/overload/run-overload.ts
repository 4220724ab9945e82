import { setTimeout as sleep } from 'node:timers/promises';
import { Stream } from '../../../src/twin/random/stream.ts';
import { move } from '../../support/ledger.ts';
import { audited } from '../support/audited.ts';
import { type Client, createClient } from '../support/client.ts';
import { JournalWatch } from '../support/journal-watch.ts';
import { openAccounts, TENANT, tokenOf } from '../support/stored-bank.ts';
import { withJournal } from '../support/stored-journal.ts';
import { startUp } from '../support/up.ts';
import { viewsReach } from '../support/views.ts';
import { flood } from './flood.ts';
import { residentBytes, watchMemory } from './memory.ts';

export interface OverloadResult {
  /** Commands a second that a few clients get done. */
  sustainedPerSecond: number;
  /** Commands a second that came during the overload. */
  offeredPerSecond: number;
  acceptedPerSecond: number;
  unsent: number;
  statuses: Map<number, number>;
  /** Bytes of the processes before, and the most during and after the overload. */
  before: Record<string, number>;
  most: Record<string, number>;
  /** Of single commands one after the other. */
  latencyBeforeMs: number;
  /** From the overload's end until one took no more than twice as long as the median did before; undefined: not within the limit. */
  normalAfterMs: number | undefined;
  /** Whether single commands are accepted afterwards, one after the other, at the first attempt. */
  isAnsweredAgain: boolean;
  viewsAfterMs: number;
  faults: string[];
}

const MEMBERS = 200;
const BATCH = 20;
const FEW_CLIENTS = 8;
/** More than the front door takes at a time. */
const MANY_CLIENTS = 2_000;
const PROBES = 40;
const PROBE_PAUSE_MS = 25;
const NORMAL_LIMIT_MS = 60_000;
/** Commands with an open fate that are sent again. */
const RETRIED = 400;

/** Sends a multiple of what the local cloud gets done, and looks at what that costs and whether anything is lost. */
export async function runOverload(options: {
  dataDir: string;
  seconds: number;
  times: number;
  seed: string;
}): Promise<OverloadResult> {
  const { dataDir, seconds, times, seed } = options;
  const up = await startUp({ dataDir });
  const pids = { 'local cloud': () => up.pid, engine: up.enginePid };
  try {
    const token = await tokenOf(up);
    const accounts = await openAccounts(up, { token, members: MEMBERS });
    const watch = new JournalWatch(TENANT);
    await withJournal(up, (journal) => watch.readOn(journal));
    const client = createClient({ url: up.address.apiUrl, token, tenantId: TENANT });
    const random = new Stream({ seed, tenantId: TENANT, member: -1, purpose: 'overload' });
    let number = 0;
    const next = () => {
      const [from, to] = [random.chance(0.3) ? random.pick(accounts) : 'GL_SALARY', random.pick(accounts)];
      const id = `${seed} ${(number += 1)}`;
      return move(from === to ? 'GL_SALARY' : from, to, random.int(1, 999) / 100, { id, tenantId: TENANT });
    };
    const target = { url: up.address.apiUrl, token, tenantId: TENANT, batch: BATCH, next };

    const calm = await flood({ ...target, clients: FEW_CLIENTS, seconds: Math.min(5, seconds) });
    const sustainedPerSecond = (calm.decided.length / calm.elapsedMs) * 1_000;
    await viewsReach(client);
    const latencyBeforeMs = median(await probe(client, next));
    const before = Object.fromEntries(Object.entries(pids).map(([name, pidOf]) => [name, residentBytes(pidOf())]));

    const memory = watchMemory(pids);
    const ratePerSecond = (sustainedPerSecond * times) / BATCH;
    const over = await flood({ ...target, clients: MANY_CLIENTS, seconds, ratePerSecond });
    const endedMs = performance.now();
    const normalAfterMs = await normalAgain({ client, next, latencyMs: latencyBeforeMs * 2, endedMs });
    const isAnsweredAgain = (await attempts(client, next)).every((count) => count === 0);
    const viewsAfterMs = (await viewsReach(client)) - endedMs;
    memory.stop();

    const open = over.open.filter((_, index) => index % Math.ceil(over.open.length / RETRIED) === 0);
    const retried = [];
    for (const command of open) retried.push({ command, decision: await client.persist(command) });
    const faults = [...calm.faults, ...over.faults];
    faults.push(...(await withJournal(up, (journal) => watch.readOn(journal))));
    faults.push(...watch.compare([...calm.decided, ...over.decided, ...retried]));
    await viewsReach(client);
    faults.push(...(await audited(up)));
    await client.close();
    return {
      sustainedPerSecond,
      offeredPerSecond: ((over.requests + over.unsent) * BATCH) / seconds,
      acceptedPerSecond: (over.decided.length / over.elapsedMs) * 1_000,
      unsent: over.unsent * BATCH,
      statuses: over.statuses,
      before,
      most: memory.most(),
      latencyBeforeMs,
      normalAfterMs,
      isAnsweredAgain,
      viewsAfterMs,
      faults,
    };
  } finally {
    up.signal('SIGTERM');
    await up.ended;
  }
}

/** @returns how long single commands took, one after the other */
async function probe(client: Client, next: () => ReturnType<typeof move>): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < PROBES; index += 1) {
    const startedMs = performance.now();
    await client.persist(next());
    tookMs.push(performance.now() - startedMs);
    await sleep(PROBE_PAUSE_MS);
  }
  return tookMs;
}

async function attempts(client: Client, next: () => ReturnType<typeof move>): Promise<number[]> {
  const counts: number[] = [];
  for (let index = 0; index < PROBES; index += 1) counts.push((await client.persist(next())).attempts);
  return counts;
}

async function normalAgain(options: {
  client: Client;
  next: () => ReturnType<typeof move>;
  latencyMs: number;
  endedMs: number;
}): Promise<number | undefined> {
  const { client, next, latencyMs, endedMs } = options;
  while (performance.now() - endedMs < NORMAL_LIMIT_MS) {
    const startedMs = performance.now();
    const { status } = await client.once(next());
    const doneMs = performance.now();
    if (status === 202 && doneMs - startedMs <= latencyMs) return doneMs - endedMs;
    await sleep(PROBE_PAUSE_MS);
  }
  return undefined;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
