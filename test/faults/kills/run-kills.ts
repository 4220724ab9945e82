import { messageOf } from '../../../src/cli/cli-error.ts';
import { unlessStopped } from '../../../src/cli/stop-signal.ts';
import { Stream } from '../../../src/twin/random/stream.ts';
import { audited } from '../support/audited.ts';
import { createClient } from '../support/client.ts';
import { DigestWatch } from '../support/digest-watch.ts';
import { JournalWatch } from '../support/journal-watch.ts';
import { keepReading } from '../support/keep-reading.ts';
import { keepSigning } from '../support/keep-signing.ts';
import { openAccounts, TENANT, tokenOf } from '../support/stored-bank.ts';
import { withJournal } from '../support/stored-journal.ts';
import { startUp } from '../support/up.ts';
import { viewsReach } from '../support/views.ts';
import { type Kind, KINDS } from './kinds.ts';
import { type Bank, createOutsider, type Killed, killOnce } from './round.ts';

export interface KillsResult {
  /** Ends with the first that failed. */
  kills: Killed[];
  /** Events in the journal at the end. */
  events: number;
  commands: number;
  /** DigestFunction's digests, and answers of QueryFunction. */
  digests: number;
  answers: number;
}

export interface KillsOptions {
  dataDir: string;
  times: number;
  seed: string;
  /** Whether functions and the stream are processes of their own, which `kill -9` ends, or threads. */
  processes: boolean;
  kinds?: readonly Kind[];
  stop?: AbortSignal;
  told?: (killed: Killed) => void;
}

const MEMBERS = 40;
const AUDIT_EVERY = 5;

/**
 * Kills parts of `turing up` under load, one after the other in an order that follows from the seed, and holds everything that
 * was answered against the journal, the views, the digests that were signed, and those of an outsider.
 */
export async function runKills(options: KillsOptions): Promise<KillsResult> {
  const { dataDir, seed, processes, stop } = options;
  const up = await startUp({ dataDir, processes });
  const bank = { up } as Bank; // filled by openBank, which may fail: then there is only this to end
  try {
    const working = openBank(bank, { dataDir, seed }).then((setUp) => killAll(bank, setUp, options));
    return await (stop ? unlessStopped(working, stop) : working);
  } finally {
    await bank.client?.close();
    bank.up.signal('SIGTERM');
    await Promise.all([bank.up.ended, bank.signing?.stop(), bank.reading?.stop()]);
  }
}

/** @returns commands that the journal holds before anything is killed */
async function openBank(bank: Bank, options: { dataDir: string; seed: string }): Promise<string[]> {
  const { dataDir, seed } = options;
  const { up } = bank;
  const token = await tokenOf(up);
  const accounts = await openAccounts(up, { token, members: MEMBERS });
  const watch = new JournalWatch(TENANT);
  await withJournal(up, (journal) => watch.readOn(journal));
  const client = createClient({ url: up.address.apiUrl, token, tenantId: TENANT });
  await viewsReach(client);
  const signing = keepSigning(() => bank.up, TENANT);
  const reading = keepReading({ client, tenantId: TENANT, accounts, seed });
  Object.assign(bank, { dataDir, seed, client, accounts, signing, reading, watch, outsider: createOutsider() });
  await signing.once();
  bank.digests = new DigestWatch({ dataDir, tenantId: TENANT });
  return watch.commandIds();
}

async function killAll(bank: Bank, setUp: readonly string[], options: KillsOptions): Promise<KillsResult> {
  const { times, seed, kinds = KINDS, told } = options;
  const kills: Killed[] = [];
  const known = new Set(setUp);
  for (const [index, kind] of orderOf(times, seed, kinds).entries()) {
    const number = index + 1;
    const isLast = number === times;
    const killed = notYet(number, kind);
    try {
      for (const { command } of await killOnce(bank, kind, killed)) known.add(command.commandId);
      if (number % AUDIT_EVERY === 0 || isLast) killed.faults.push(...(await audited(bank.up)));
      if (isLast) killed.faults.push(...(await faultsAtTheEnd(bank, known)));
    } catch (error) {
      if (options.stop?.aborted === true) throw error;
      killed.faults.push(`What came after the kill could not go on: ${messageOf(error)}`);
    }
    kills.push(killed);
    told?.(killed);
    if (killed.faults.length > 0) break;
  }
  return {
    kills,
    events: bank.watch.events,
    commands: known.size - setUp.length,
    digests: bank.digests.count,
    answers: bank.reading.answered(),
  };
}

function notYet(number: number, { name }: Kind): Killed {
  return {
    number,
    kind: name,
    dead: 'nothing',
    afterMs: 0,
    commands: 0,
    retried: 0,
    writesMs: 0,
    viewsMs: 0,
    digest: 0,
    faults: [],
  };
}

async function faultsAtTheEnd({ up, client, watch, digests }: Bank, known: ReadonlySet<string>): Promise<string[]> {
  const strangers = watch.commandIds().filter((commandId) => !known.has(commandId));
  return [
    ...(strangers.length > 0 ? [`Nobody sent what the journal holds of ${strangers.join(', ')}`] : []),
    ...(await withJournal(up, (journal) => digests.compareLines(journal))),
    ...(await digests.compareAnswers(client)),
  ];
}

/** Every kind equally often, as far as the number allows, in an order of chance. Fewer times give the beginning of the same order. */
function orderOf(times: number, seed: string, kinds: readonly Kind[]): Kind[] {
  const random = new Stream({ seed, tenantId: TENANT, member: -1, purpose: 'kills' });
  const order: Kind[] = [];
  while (order.length < times) {
    const left = [...kinds];
    while (left.length > 0) order.push(...left.splice(random.int(0, left.length - 1), 1));
  }
  return order.slice(0, times);
}
