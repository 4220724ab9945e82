import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import { Stream } from '../../../src/twin/random/stream.ts';
import { createCustomer, move, openAccount } from '../../support/ledger.ts';
import type { Client, Decision } from './client.ts';

/** A command that was sent, and how it was decided. */
export interface Decided {
  command: CommandEnvelope;
  decision: Decision;
}

/** Clients that go on sending commands of all kinds, each the next when its last is decided. */
export interface Load {
  /** All that was decided since the last call, in the order of the answers. */
  take(): Decided[];
  /** Resolves when a command is accepted that was sent at or after a moment (`performance.now()`); with when that was. */
  acceptedAfter(atMs: number): Promise<number>;
  /** Stops sending; resolves when every command that was sent is decided. */
  stop(): Promise<void>;
}

const SENDERS = 12;
/** Every so many-th sender sends batches. */
const BATCH_SENDERS = 4;
const BATCH = 20;

/**
 * @param options.name makes the commands' ids: the same name and seed give the same commands
 */
export function startLoad(options: {
  client: Client;
  tenantId: string;
  accounts: readonly string[];
  seed: string;
  name: string;
}): Load {
  const { client, tenantId, accounts, seed, name } = options;
  let decided: Decided[] = [];
  let waiting: { atMs: number; resolve: (atMs: number) => void }[] = [];
  let running = true;

  function record(command: CommandEnvelope, decision: Decision): void {
    decided.push({ command, decision });
    if (decision.status !== 202) return;
    const reached = waiting.filter(({ atMs }) => decision.sentAtMs >= atMs);
    waiting = waiting.filter((each) => !reached.includes(each));
    for (const { resolve } of reached) resolve(performance.now());
  }

  async function keepSending(sender: number): Promise<void> {
    const random = new Stream({ seed, tenantId, member: sender, purpose: name });
    const opened: string[] = [];
    for (let number = 0; running; number += 1) {
      const id = `${seed} ${name} ${sender} ${number}`;
      if (sender % BATCH_SENDERS === 0) {
        const commands = Array.from({ length: BATCH }, (_, index) => entry(random, `${id} ${index}`));
        const decisions = await client.persistBatch(commands);
        for (const [index, command] of commands.entries()) {
          const decision = decisions[index];
          if (decision) record(command, decision);
        }
        continue;
      }
      const command = next(random, { id, opened });
      const decision = await client.persist(command);
      record(command, decision);
      if (command.commandType === 'CreateCustomer' && decision.status === 202)
        opened.push((JSON.parse(decision.body) as { entityId: string }).entityId);
    }
  }

  function next(random: Stream, { id, opened }: { id: string; opened: string[] }): CommandEnvelope {
    const kind = random.unit();
    if (kind < 0.08) return customer(random, id);
    const customerId = kind < 0.14 ? opened.pop() : undefined;
    return customerId === undefined ? entry(random, id) : openAccount(customerId, { id, tenantId, initialDeposit: 5 });
  }

  /** Half of the entries touch two chains, most of these two accounts; some are refused. */
  function entry(random: Stream, id: string): CommandEnvelope {
    const [from, to] = [random.pick(accounts), random.pick(accounts)];
    if (random.chance(0.03)) return move(from, 'GL_CARDS', 99_999_999, { id, tenantId });
    if (from === to || random.chance(0.5)) return move('GL_SALARY', to, random.int(1, 9_999) / 100, { id, tenantId });
    return move(from, to, random.int(1, 999) / 100, { id, tenantId });
  }

  function customer(random: Stream, id: string): CommandEnvelope {
    const unique = id.replaceAll(/\W+/g, '-').toLowerCase();
    const person = {
      email: `${unique}@example.com`,
      mobile: `+614${String(random.int(0, 99_999_999)).padStart(8, '0')}`,
    };
    const command = createCustomer(0, { tenantId, person });
    if (command.commandType !== 'CreateCustomer') throw new Error('A customer is created by CreateCustomer');
    return { ...command, payload: { ...command.payload, externalRef: unique.slice(0, 64) } };
  }

  const senders = Promise.all(Array.from({ length: SENDERS }, (_, sender) => keepSending(sender)));
  senders.catch(() => undefined); // told by stop()
  return {
    take() {
      const taken = decided;
      decided = [];
      return taken;
    },
    acceptedAfter: (atMs) =>
      Promise.race([
        new Promise<number>((resolve) => waiting.push({ atMs, resolve })),
        // Where a sender gives up, nothing more may come.
        senders.then(() => Promise.reject(new Error('The load ended before a command was accepted'))),
      ]),
    async stop() {
      running = false;
      await senders;
    },
  };
}
