import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import type { Reply } from '../../../src/gateway/reply.ts';
import type { World } from './world.ts';

/** A command that was sent, and when. A retry is a sending of its own. */
export interface Sending {
  envelope: CommandEnvelope;
  sentMs: number;
  dryRun: boolean;
  /** Absent as long as nobody has answered. */
  answer?: { reply: Reply; atMs: number };
}

/** What a client does next: send some commands together, and again until they are answered. */
export interface Errand {
  tenantId: string;
  commands: readonly CommandEnvelope[];
  dryRun?: boolean;
  /** Sends it once more after it was answered, or at the same time to somebody else. */
  repeat?: 'after' | 'meanwhile';
}

const PATIENCE_MS = 12_000;
const RETRY_MS = 250;

/** Clients of the ledger, each with one errand at a time. They know nothing but what they are told. */
export class Clients {
  readonly sendings: Sending[] = [];
  /** Clients that have something left to do. */
  busy = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Begins a client. */
  start(name: string, errands: readonly Errand[], then?: () => void): void {
    this.busy += 1;
    const run = async (): Promise<void> => {
      const { random } = this.#world;
      for (const errand of errands) {
        await this.#wait(random.int(0, 120));
        const rounds = [this.#finish(name, errand)];
        if (errand.repeat === 'meanwhile') rounds.push(this.#finish(`${name}'`, errand));
        await Promise.all(rounds);
        if (errand.repeat === 'after') await this.#finish(name, errand);
      }
    };
    run().then(
      () => {
        this.busy -= 1;
        then?.();
      },
      (error: unknown) => this.#world.fail(`A client failed: ${String(error)}`),
    );
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.scheduler.after(ms, '', resolve));
  }

  /** Sends commands until all of them are answered for good. */
  async #finish(name: string, errand: Errand): Promise<void> {
    const { random } = this.#world;
    for (;;) {
      const replies = await this.#send(name, errand);
      if (replies?.every(isFinal)) return;
      this.#world.count('client tries again');
      await this.#wait(random.int(1, RETRY_MS));
    }
  }

  /** @returns undefined when there was no answer */
  #send(name: string, { tenantId, commands, dryRun = false }: Errand): Promise<readonly Reply[] | undefined> {
    const world = this.#world;
    const { scheduler, random } = world;
    const node = random.pick(world.gateways);
    const sendings = commands.map((envelope): Sending => ({ envelope, sentMs: scheduler.nowMs, dryRun }));
    this.sendings.push(...sendings);
    const what = `${name} to ${node.process.name}: ${commands.map(({ commandType, commandId }) => `${commandType} ${commandId.slice(0, 8)}`).join(', ')}`;
    scheduler.note(`${dryRun ? 'dry run ' : ''}${what}`);
    return new Promise((resolve) => {
      scheduler.after(PATIENCE_MS, '', () => resolve(undefined));
      node.process.onDeath(() => scheduler.after(random.int(1, 50), '', () => resolve(undefined)));
      node.process.later(random.int(1, 20), '', () => {
        node.submit(tenantId, commands, dryRun).then(
          (replies) =>
            node.process.later(random.int(1, 20), '', () => {
              scheduler.note(`${name} is told ${replies.map(summaryOf).join(', ')}`);
              for (const [index, sending] of sendings.entries()) {
                const reply = replies[index];
                if (reply) sending.answer = { reply, atMs: scheduler.nowMs };
              }
              resolve(replies);
            }),
          (error: unknown) => world.fail(`The gateway threw: ${error instanceof Error ? error.stack : String(error)}`),
        );
      });
    });
  }
}

/** Whether a reply tells what has become of the command, rather than to come again. */
export function isFinal(reply: Reply): boolean {
  return reply.kind !== 'fault' || (reply.code !== 'ServiceUnavailable' && reply.code !== 'TooManyRequests');
}

function summaryOf(reply: Reply): string {
  if (reply.kind === 'accepted')
    return `accepted ${reply.body.events.map(({ chain, seq }) => `${chain}/${seq}`).join(' ')}`;
  return reply.kind === 'violation' ? reply.body.error : reply.code;
}
