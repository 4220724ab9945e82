import { setTimeout as sleep } from 'node:timers/promises';
import { createKeySigner, makePrivateKey } from '../../../src/proof/keys.ts';
import { makeDigest } from '../../../src/proof/make-digest.ts';
import { createMemoryDigests } from '../../../src/proof/memory-store.ts';
import { Stream } from '../../../src/twin/random/stream.ts';
import type { Client } from '../support/client.ts';
import type { DigestWatch } from '../support/digest-watch.ts';
import type { JournalWatch } from '../support/journal-watch.ts';
import type { Reading } from '../support/keep-reading.ts';
import type { Signing } from '../support/keep-signing.ts';
import { type Decided, startLoad } from '../support/load.ts';
import { TENANT } from '../support/stored-bank.ts';
import { withJournal } from '../support/stored-journal.ts';
import { startUp, type Up } from '../support/up.ts';
import { headsOf, viewsReach } from '../support/views.ts';
import type { Kind } from './kinds.ts';

/** What all rounds share. */
export interface Bank {
  /** The local cloud of the moment. */
  up: Up;
  dataDir: string;
  seed: string;
  client: Client;
  accounts: readonly string[];
  signing: Signing;
  reading: Reading;
  watch: JournalWatch;
  digests: DigestWatch;
  outsider: ReturnType<typeof createOutsider>;
}

/** One kill and what came of it. */
export interface Killed {
  number: number;
  kind: string;
  /** What was killed: `process 4711`. */
  dead: string;
  /** Load before the kill, in ms. */
  afterMs: number;
  /** Commands that were decided in this round, and those of them that needed more than one attempt. */
  commands: number;
  retried: number;
  /** From the kill to the first command that was sent after it and accepted. */
  writesMs: number;
  /** From the kill until the views held all that was answered before it. */
  viewsMs: number;
  /** DigestFunction's last one after it. */
  digest: number;
  /** Whatever does not hold; empty is what is promised. */
  faults: string[];
}

const LEAST_LOAD_MS = 200;
const MOST_LOAD_MS = 1_200;
/** Load goes on for so long after recovery: what a restart does late is met too. */
const AFTERWARDS_MS = 300;
const RESENT_AT_ONCE = 24;

/** Kills something under load and looks, with the load stopped, at what is left. What is found meanwhile goes into `killed`. */
export async function killOnce(bank: Bank, kind: Kind, killed: Killed): Promise<Decided[]> {
  const { client, accounts, seed, signing, reading, watch } = bank;
  const { number, faults } = killed;
  const random = new Stream({ seed, tenantId: TENANT, member: number, purpose: 'kill' });
  const load = startLoad({ client, tenantId: TENANT, accounts, seed, name: `round ${number}` });
  killed.afterMs = random.int(LEAST_LOAD_MS, MOST_LOAD_MS);
  await sleep(killed.afterMs);
  const heads = await headsOf(client);
  killed.dead = await kind.kill({ up: bank.up, signing, reading, random });
  const killedAtMs = performance.now();
  const back = load.acceptedAfter(killedAtMs);
  back.catch(() => undefined); // awaited below, unless the start fails
  if (kind.endsCloud) bank.up = await startUp({ ...bank.up.options, port: bank.up.port });
  killed.writesMs = (await back) - killedAtMs;
  killed.viewsMs = (await viewsReach(client, heads)) - killedAtMs;
  await sleep(AFTERWARDS_MS);
  await load.stop();
  const decided = load.take();
  killed.commands = decided.length;
  killed.retried = decided.filter(({ decision }) => decision.attempts > 0).length;

  faults.push(...(await withJournal(bank.up, (journal) => watch.readOn(journal))), ...watch.compare(decided));
  faults.push(...(await resent(client, decided)));
  faults.push(...(await faultsOfDigests(bank)));
  killed.digest = bank.digests.count;
  await viewsReach(client);
  faults.push(...reading.faults(), ...(await faultsOfBalances(bank)));
  return decided;
}

/** Somebody who makes digests of his own and keeps them elsewhere: what a kill takes away shows there. */
export function createOutsider() {
  return {
    store: createMemoryDigests(),
    signer: createKeySigner(makePrivateKey()),
    now: () => new Date().toISOString(),
  };
}

/** DigestFunction's own series, after one more of it, and the outsider's. */
async function faultsOfDigests({ up, signing, digests, watch, outsider }: Bank): Promise<string[]> {
  await signing.once();
  const faults = [...signing.refusals(), ...digests.look(signing.told()), ...digests.compareHeads(watch.heads)];
  const outcome = await withJournal(up, (journal) => makeDigest({ tenant: TENANT, journal, ...outsider }));
  if (outcome.outcome === 'refused') faults.push(`The outsider's digest cannot be made: ${JSON.stringify(outcome)}`);
  return faults;
}

/** QueryFunction's answers, held against the journal. */
async function faultsOfBalances({ client, accounts, watch }: Bank): Promise<string[]> {
  const faults: string[] = [];
  for (const accountId of accounts) {
    const { balance } = (await client.get(`/accounts/${accountId}`)) as { balance: number };
    const held = watch.balances.get(accountId);
    if (Math.round(balance * 100) !== held)
      faults.push(`Account ${accountId} shows ${balance}, and holds ${held} cents`);
  }
  return faults;
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
