import { unlessStopped } from '../../../src/cli/stop-signal.ts';
import { Stream } from '../../../src/twin/random/stream.ts';
import { move } from '../../support/ledger.ts';
import { audited } from '../support/audited.ts';
import { createClient } from '../support/client.ts';
import { JournalWatch } from '../support/journal-watch.ts';
import { openAccounts, TENANT, tokenOf } from '../support/stored-bank.ts';
import { withJournal } from '../support/stored-journal.ts';
import { startUp, type Up } from '../support/up.ts';
import { viewsReach } from '../support/views.ts';
import { flood, type Flooded } from './flood.ts';
import { residentBytes, watchMemory } from './memory.ts';
import { createProbe } from './probe.ts';
import { findSustained } from './sustained.ts';

export interface OverloadResult {
  seconds: number;
  /** Commands a second that clients get done who wait for their answers, however many they are, and how many it takes. */
  sustainedPerSecond: number;
  sustainedClients: number;
  /** Commands a second that were due during the overload, and those that a client was free for. */
  offeredPerSecond: number;
  sentPerSecond: number;
  unsent: number;
  acceptedPerSecond: number;
  /** Commands that all clients together can have under way. */
  openCommands: number;
  statuses: Map<number, number>;
  /** Bytes of the processes before, and the most during and after the overload. */
  before: Record<string, number>;
  most: Record<string, number>;
  /** Median of single commands one after the other. */
  latencyBeforeMs: number;
  /** From the last request sent until single commands took no more than twice as long again; undefined: not within the limit. */
  normalAfterMs: number | undefined;
  /** Whether single commands are accepted afterwards, one after the other, at the first attempt. */
  isAnsweredAgain: boolean;
  /** From the last request sent. */
  viewsAfterMs: number;
  /** Answers that are none of those documented, and what was lost. */
  faults: string[];
}

const MEMBERS = 200;
const BATCH = 20;
/** More than the front door takes at a time. */
const MANY_CLIENTS = 2_000;
const STEP_SECONDS = 5;
/** Commands with an open fate that are sent again. */
const RETRIED = 400;

interface OverloadOptions {
  dataDir: string;
  seconds: number;
  times: number;
  seed: string;
  stop?: AbortSignal;
  told?: (line: string) => void;
}

/** Sends a multiple of what the local cloud gets done, and looks at what that costs and whether anything is lost. */
export async function runOverload(options: OverloadOptions): Promise<OverloadResult> {
  const up = await startUp({ dataDir: options.dataDir });
  try {
    const working = overload(up, options);
    return await (options.stop ? unlessStopped(working, options.stop) : working);
  } finally {
    up.signal('SIGTERM');
    await up.ended;
  }
}

async function overload(up: Up, options: OverloadOptions): Promise<OverloadResult> {
  const { seconds, times, seed, told = () => undefined } = options;
  const pids = { 'local cloud': () => up.pid, engine: up.enginePid };
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

  const calm: Flooded[] = [];
  const sustained = await findSustained(async (clients) => {
    const stretch = await flood({ ...target, clients, seconds: Math.min(STEP_SECONDS, seconds) });
    calm.push(stretch);
    return (stretch.decided.length / stretch.elapsedMs) * 1_000;
  }, told);
  await viewsReach(client);
  const probe = createProbe(client, next);
  const latencyBeforeMs = await probe.medianMs();
  const before = Object.fromEntries(Object.entries(pids).map(([name, pidOf]) => [name, residentBytes(pidOf())]));

  const memory = watchMemory(pids);
  const ratePerSecond = (sustained.perSecond * times) / BATCH;
  const sending = Promise.withResolvers<number>();
  const flooding = flood({
    ...target,
    clients: MANY_CLIENTS,
    seconds,
    ratePerSecond,
    sendingEnded: sending.resolve,
  });
  flooding.catch(sending.reject);
  const endedMs = await sending.promise;
  const normalAtMs = await probe.normalAtMs({ medianMs: latencyBeforeMs * 2, sinceMs: endedMs });
  const over = await flooding;
  const isAnsweredAgain = await probe.areAnswered();
  const viewsAfterMs = (await viewsReach(client)) - endedMs;
  memory.stop();

  const open = over.open.filter((_, index) => index % Math.ceil(over.open.length / RETRIED) === 0);
  const retried = [];
  for (const command of open) retried.push({ command, decision: await client.persist(command) });
  const stretches = [...calm, over];
  const faults = stretches.flatMap((stretch) => stretch.faults);
  faults.push(...(await withJournal(up, (journal) => watch.readOn(journal))));
  faults.push(...watch.compare([...stretches.flatMap(({ decided }) => decided), ...probe.decided, ...retried]));
  await viewsReach(client);
  faults.push(...(await audited(up)));
  await client.close();
  return {
    seconds,
    sustainedPerSecond: sustained.perSecond,
    sustainedClients: sustained.clients,
    offeredPerSecond: ((over.requests + over.unsent) * BATCH) / seconds,
    sentPerSecond: (over.requests * BATCH) / seconds,
    acceptedPerSecond: (over.decided.length / over.elapsedMs) * 1_000,
    openCommands: MANY_CLIENTS * BATCH,
    unsent: over.unsent * BATCH,
    statuses: over.statuses,
    before,
    most: memory.most(),
    latencyBeforeMs,
    normalAfterMs: normalAtMs === undefined ? undefined : normalAtMs - endedMs,
    isAnsweredAgain,
    viewsAfterMs,
    faults,
  };
}
