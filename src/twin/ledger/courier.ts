import { setTimeout as sleep } from 'node:timers/promises';
import type { Prepared } from '../commands/envelope.ts';
import { LedgerUnavailable, UnexpectedAnswer, type Answer, type Ledger } from './ledger.ts';

/**
 * Commands in one request. A request of one chain becomes one commit of the journal as long as it fits into one: the ledger
 * decides 250 commands together, and 250 entries of the twin make some 250 KB of events, of the 300 KB that a commit holds.
 */
export const BATCH_COMMANDS = 250;
/** Tries of one request, the waits between them doubling: 0.1 + 0.2 + … + 12.8 s, about 25 s in all. */
const MOST_TRIES = 9;
const FIRST_WAIT_MS = 100;
/** Unexpected answers quoted in an error. */
const QUOTED = 5;

/** What the courier reports, for metrics. */
export interface CourierMetrics {
  /** After each request: its round trip and how many commands it carried. */
  requested(request: { latencyMs: number; commands: number }): void;
  refused(count: number): void;
  unexpected(count: number): void;
}

/**
 * Delivers commands and compares every answer with the one expected.
 * Commands are sent in order, a request at a time: the next leaves when the one before is answered. What was not
 * decided is sent again, unchanged, after a wait that depends on the number of the try alone.
 */
export class Courier {
  readonly #ledger: Ledger;
  readonly #tenantId: string;
  readonly #metrics: CourierMetrics;
  readonly #wait: (ms: number) => Promise<unknown>;

  constructor(options: {
    ledger: Ledger;
    tenantId: string;
    metrics: CourierMetrics;
    wait?: (ms: number) => Promise<unknown>;
  }) {
    this.#ledger = options.ledger;
    this.#tenantId = options.tenantId;
    this.#metrics = options.metrics;
    this.#wait = options.wait ?? ((ms) => sleep(ms));
  }

  /**
   * @returns the answers, in order
   * @throws UnexpectedAnswer after the request that drew it, LedgerUnavailable when the tries are used up
   */
  async deliver(commands: readonly Prepared[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let from = 0; from < commands.length; from += BATCH_COMMANDS) {
      const batch = commands.slice(from, from + BATCH_COMMANDS);
      const decided = await this.#decide(batch);
      this.#compare(batch, decided);
      answers.push(...decided);
    }
    return answers;
  }

  async #decide(batch: readonly Prepared[]): Promise<Answer[]> {
    const decided = new Map<Prepared, Answer>();
    let open = batch;
    for (let attempt = 1; ; attempt += 1) {
      const reason = await this.#try(open, decided);
      if (!reason) break;
      open = open.filter((command) => !decided.has(command));
      if (attempt === MOST_TRIES) throw reason;
      await this.#wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
    return batch.map((command) => decided.get(command) ?? UNDECIDED);
  }

  /** Sends what is open and keeps what was decided. @returns why something is still open, if it is */
  async #try(open: readonly Prepared[], decided: Map<Prepared, Answer>): Promise<LedgerUnavailable | undefined> {
    const begin = performance.now();
    try {
      const answers = await this.#ledger.submit(
        this.#tenantId,
        open.map((command) => command.envelope),
      );
      let undecided = 0;
      open.forEach((command, index) => {
        const answer = answers[index] ?? UNDECIDED;
        if (answer.transient) undecided += 1;
        else decided.set(command, answer);
      });
      if (undecided === 0) return undefined;
      return new LedgerUnavailable(`The ledger left ${undecided} of ${open.length} commands undecided`);
    } catch (error) {
      if (error instanceof LedgerUnavailable) return error;
      throw error;
    } finally {
      this.#metrics.requested({ latencyMs: performance.now() - begin, commands: open.length });
    }
  }

  #compare(batch: readonly Prepared[], answers: readonly Answer[]): void {
    const wrong: string[] = [];
    let refused = 0;
    batch.forEach(({ envelope, expect }, index) => {
      const answer = answers[index] ?? UNDECIDED;
      if (answer.code !== expect) {
        wrong.push(
          `${envelope.commandType} "${envelope.idempotencyKey ?? ''}": expected ${expect}, got ${answer.code} ${answer.message}`.trim(),
        );
      } else if (answer.code !== 'ACCEPTED') refused += 1;
    });
    this.#metrics.refused(refused);
    this.#metrics.unexpected(wrong.length);
    if (wrong.length > 0) {
      throw new UnexpectedAnswer(
        `The ledger answered ${wrong.length} of ${batch.length} commands otherwise than expected: ${wrong.slice(0, QUOTED).join('; ')}`,
      );
    }
  }
}

const UNDECIDED: Answer = { code: 'UNDECIDED', entityId: '', transient: true, message: 'The ledger gave no answer' };
