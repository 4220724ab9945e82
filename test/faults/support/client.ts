import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import { API_PREFIX } from '../../../src/contract/routes.ts';

/** An answer that decides a command: 202, or a refusal that retries cannot change. */
export interface Decision {
  status: number;
  /** As the API wrote it. */
  body: string;
  /** When the request went out whose answer this is. */
  sentAtMs: number;
  /** Attempts before it that were not answered, or answered with what means "again": 429, 500, 503. */
  attempts: number;
}

/** An answer as it came, and when its request went out. Status 0 where none came. */
export interface Answer {
  status: number;
  text: string;
  retryAfter: string | undefined;
  sentAtMs: number;
}

/** A client that wants its commands done, whatever happens to the server. */
export interface Client {
  /** Sends one command and takes whatever comes. */
  once(command: CommandEnvelope): Promise<Answer>;
  /** Sends one command until it is decided. */
  persist(command: CommandEnvelope): Promise<Decision>;
  /** Sends a batch until all of its commands are decided. @returns decisions in order */
  persistBatch(commands: readonly CommandEnvelope[]): Promise<Decision[]>;
  /** Asks once and takes whatever comes. */
  look(path: string): Promise<Answer>;
  /** Asks until it is answered. */
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Statuses that tell a client to try again with the same key. API Gateway answers 500 for a function that ended while it worked. */
export const AGAIN: ReadonlySet<number> = new Set([0, 429, 500, 503]);
const PAUSE_MS = 25;
/** Generous: a cloud that is started again is there within seconds. */
const PATIENCE_MS = 120_000;

export function createClient(options: { url: string; token: string; tenantId: string }): Client {
  const { url, token, tenantId } = options;
  const pool = new Pool(url, { connections: 64, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const base = `${API_PREFIX}/tenants/${tenantId}`;
  let isClosed = false;

  async function send(method: 'GET' | 'POST', path: string, body?: string): Promise<Answer> {
    const sentAtMs = performance.now();
    try {
      const answer = await pool.request({ method, path: `${base}${path}`, headers, body: body ?? null });
      const retryAfter = answer.headers['retry-after'];
      const text = await answer.body.text();
      return { status: answer.statusCode, text, retryAfter: retryAfter?.toString(), sentAtMs };
    } catch (error) {
      return { status: 0, text: String(error), retryAfter: undefined, sentAtMs };
    }
  }

  /** @throws where the answer is none that the contract has, or none comes in time */
  async function insist(
    what: string,
    attempt: (attempts: number) => Promise<Decision[] | string>,
  ): Promise<Decision[]> {
    let last = '';
    for (const startedMs = performance.now(), state = { attempts: 0 }; performance.now() - startedMs < PATIENCE_MS;) {
      if (isClosed) throw new Error(`${what} was given up`);
      const outcome = await attempt(state.attempts);
      if (typeof outcome !== 'string') return outcome;
      last = outcome;
      state.attempts += 1;
      await sleep(PAUSE_MS);
    }
    throw new Error(`${what} was not decided within ${PATIENCE_MS} ms; last: ${last}`);
  }

  return {
    once: (command) => send('POST', '/commands', JSON.stringify(command)),
    async persist(command) {
      const body = JSON.stringify(command);
      const [decision] = await insist(`Command "${command.commandId}"`, async (attempts) => {
        const { status, text, sentAtMs } = await send('POST', '/commands', body);
        return AGAIN.has(status) ? `${status}: ${text}` : [{ status, body: text, sentAtMs, attempts }];
      });
      if (!decision) throw new Error('A decided command has a decision');
      return decision;
    },
    async persistBatch(commands) {
      const body = JSON.stringify({ commands });
      return insist(`A batch from "${commands[0]?.commandId}"`, async (attempts) => {
        const { status, text, sentAtMs } = await send('POST', '/commands/batch', body);
        if (AGAIN.has(status)) return `${status}: ${text}`;
        if (status !== 200) throw new Error(`A batch was answered with ${status}: ${text}`);
        const { results } = JSON.parse(text) as { results: { status: number; body: unknown }[] };
        const undecided = results.find((result) => AGAIN.has(result.status));
        if (undecided) return `${undecided.status}: ${JSON.stringify(undecided.body)}`;
        return results.map((result) => ({
          status: result.status,
          body: JSON.stringify(result.body),
          sentAtMs,
          attempts,
        }));
      });
    },
    look: (path) => send('GET', path),
    async get(path) {
      for (const startedMs = performance.now(); ; await sleep(PAUSE_MS)) {
        const { status, text } = await send('GET', path);
        if (status === 200) return JSON.parse(text);
        if (!AGAIN.has(status) || performance.now() - startedMs > PATIENCE_MS)
          throw new Error(`GET ${path} was answered with ${status}: ${text}`);
      }
    },
    close() {
      isClosed = true;
      return pool.destroy();
    },
  };
}
