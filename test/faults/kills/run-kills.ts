import { setTimeout as sleep } from 'node:timers/promises';
import { createKeySigner, makePrivateKey } from '../../../src/proof/keys.ts';
import { makeDigest } from '../../../src/proof/make-digest.ts';
import { createMemoryDigests } from '../../../src/proof/memory-store.ts';
import { Stream } from '../../../src/twin/random/stream.ts';
import { audited } from '../support/audited.ts';
import { type Client, createClient } from '../support/client.ts';
import { JournalWatch } from '../support/journal-watch.ts';
import { type Decided, startLoad } from '../support/load.ts';
import { openAccounts, TENANT, tokenOf } from '../support/stored-bank.ts';
import { withJournal } from '../support/stored-journal.ts';
import { startUp } from '../support/up.ts';
import { headsOf, viewsReach } from '../support/views.ts';
import { type Kind, KINDS } from './kinds.ts';

/** One kill and what came of it. */
export interface Killed {
  number: number;
  kind: string;
  /** Load before the kill, in ms. */
  afterMs: number;
  /** Commands that were decided in this round, and those of them that needed more than one attempt. */
  commands: number;
  retried: number;
  /** From the kill to the first command that was sent after it and accepted. */
  writesMs: number;
  /** From the kill until the views held all that was answered before it. */
  viewsMs: number;
  /** The digest made after it. */
  digest: number;
}

export interface KillsResult {
  kills: Killed[];
  /** Events in the journal at the end. */
  events: number;
  commands: number;
  /** Whatever does not hold; empty is what is promised. */
  faults: string[];
}

const MEMBERS = 40;
const LEAST_LOAD_MS = 200;
const MOST_LOAD_MS = 1_200;
/** Load goes on for so long after recovery: what a restart does late is met too. */
const AFTERWARDS_MS = 300;
const AUDIT_EVERY = 5;
const RESENT_AT_ONCE = 24;

/**
 * Kills parts of `turing up` under load, one after the other in an order that follows from the seed, and holds everything that
 * was answered against the journal, the views and digests of an outsider.
 */
export async function runKills(options: {
  dataDir: string;
  times: number;
  seed: string;
  told?: (killed: Killed) => void;
}): Promise<KillsResult> {
  const { dataDir, times, seed, told } = options;
  const random = new Stream({ seed, tenantId: TENANT, member: -1, purpose: 'kills' });
  const watch = new JournalWatch(TENANT);
  const outsider = createOutsider();
  const kills: Killed[] = [];
  const faults: string[] = [];
  const all: Decided[] = [];
  let up = await startUp({ dataDir });
  try {
    const token = await tokenOf(up);
    const accounts = await openAccounts(up, { token, members: MEMBERS });
    await withJournal(up, (journal) => watch.readOn(journal));
    const setUp = watch.commandIds();
    const client = createClient({ url: up.address.apiUrl, token, tenantId: TENANT });
    try {
      for (const [index, kind] of orderOf(times, random).entries()) {
        const load = startLoad({ client, tenantId: TENANT, accounts, seed, name: `round ${index}` });
        const afterMs = random.int(LEAST_LOAD_MS, MOST_LOAD_MS);
        await sleep(afterMs);
        const heads = await headsOf(client);
        const killedAtMs = performance.now();
        await kind.kill(up);
        const back = load.acceptedAfter(performance.now());
        if (kind.endsCloud) up = await startUp({ dataDir, port: up.port });
        const writesMs = (await back) - killedAtMs;
        const viewsMs = (await viewsReach(client, heads)) - killedAtMs;
        await sleep(AFTERWARDS_MS);
        await load.stop();
        const decided = load.take();
        all.push(...decided);

        const digest = await withJournal(up, async (journal) => {
          faults.push(...(await watch.readOn(journal)));
          const outcome = await makeDigest({ tenant: TENANT, journal, ...outsider });
          if (outcome.outcome === 'made') return outcome.digest.number;
          faults.push(`No digest was made after kill ${index + 1}: ${JSON.stringify(outcome)}`);
          return 0;
        });
        faults.push(...watch.compare(decided), ...(await resent(client, decided)));
        await viewsReach(client);
        if ((index + 1) % AUDIT_EVERY === 0 || index + 1 === times) faults.push(...(await audited(up)));
        const killed = {
          number: index + 1,
          kind: kind.name,
          afterMs,
          commands: decided.length,
          retried: decided.filter(({ decision }) => decision.attempts > 0).length,
          writesMs,
          viewsMs,
          digest,
        };
        kills.push(killed);
        told?.(killed);
      }
      const known = new Set([...setUp, ...all.map(({ command }) => command.commandId)]);
      const strangers = watch.commandIds().filter((commandId) => !known.has(commandId));
      if (strangers.length > 0) faults.push(`Nobody sent what the journal holds of ${strangers.join(', ')}`);
    } finally {
      await client.close();
    }
    return { kills, events: watch.events, commands: all.length, faults };
  } finally {
    up.signal('SIGTERM');
    await up.ended;
  }
}

/** Every kind equally often, as far as the number allows, and in an order of chance. */
function orderOf(times: number, random: Stream): Kind[] {
  const order: Kind[] = [];
  while (order.length < times) {
    const left = [...KINDS];
    while (left.length > 0) order.push(...left.splice(random.int(0, left.length - 1), 1));
  }
  return order.slice(0, times);
}

/** Somebody who makes digests of his own and keeps them elsewhere: what a kill takes away shows there. */
function createOutsider() {
  return {
    store: createMemoryDigests(),
    signer: createKeySigner(makePrivateKey()),
    now: () => new Date().toISOString(),
  };
}

/** Sends all again, each alone. @returns where the answer is another than before */
async function resent(client: Client, decided: readonly Decided[]): Promise<string[]> {
  const faults: string[] = [];
  const queue = decided.values();
  const sendOne = async (): Promise<void> => {
    for (const { command, decision } of queue) {
      const again = await client.persist(command);
      if (again.status !== decision.status || again.body !== decision.body)
        faults.push(`Command ${command.commandId} got ${decision.body}, and again ${again.status}: ${again.body}`);
    }
  };
  await Promise.all(Array.from({ length: RESENT_AT_ONCE }, sendOne));
  return faults;
}
