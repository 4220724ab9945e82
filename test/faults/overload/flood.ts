import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import { API_PREFIX } from '../../../src/contract/routes.ts';
import type { Decided } from '../support/load.ts';

/** What came of a stretch of load. */
export interface Flooded {
  requests: number;
  /** Commands that were answered for good. */
  decided: Decided[];
  /** Commands whose request was answered with "again later", or not at all: whether they were done is open. */
  open: CommandEnvelope[];
  /** Answers by status; 0 where none came. Commands of a batch count by their own. */
  statuses: Map<number, number>;
  /** Answers that are not as documented. */
  faults: string[];
  /** Requests that were due and not sent since every client was still waiting for its last answer. */
  unsent: number;
  /** Until the last answer was there. */
  elapsedMs: number;
}

export interface FloodOptions {
  url: string;
  token: string;
  tenantId: string;
  /** Commands of a request. */
  batch: number;
  /** Clients, each with a connection of its own and one request on it. */
  clients: number;
  seconds: number;
  /** Requests a second, whether answers come or not; absent: as many as are answered. */
  ratePerSecond?: number;
  /** Gives the next command. */
  next(): CommandEnvelope;
  /** Told when nothing more is sent; answers may still be due. */
  sendingEnded?(atMs: number): void;
}

const FAULTS_KEPT = 20;
/** Beyond the API's own limit on an answer. */
const PATIENCE_MS = 60_000;
const AGAIN = new Set([429, 503]);

/** Sends batches, from as many clients as are told. */
export async function flood(options: FloodOptions): Promise<Flooded> {
  const { url, token, tenantId, batch, clients, seconds, ratePerSecond, next, sendingEnded } = options;
  const pool = new Pool(url, {
    connections: clients,
    pipelining: 1,
    headersTimeout: PATIENCE_MS,
    bodyTimeout: PATIENCE_MS,
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const path = `${API_PREFIX}/tenants/${tenantId}/commands/batch`;
  const result: Flooded = {
    requests: 0,
    decided: [],
    open: [],
    statuses: new Map(),
    faults: [],
    unsent: 0,
    elapsedMs: 0,
  };
  const count = (status: number, commands = 1) =>
    result.statuses.set(status, (result.statuses.get(status) ?? 0) + commands);
  const fault = (text: string) => {
    if (result.faults.length < FAULTS_KEPT) result.faults.push(text);
  };

  async function sendOne(): Promise<void> {
    const commands = Array.from({ length: batch }, next);
    result.requests += 1;
    const sentAtMs = performance.now();
    let status = 0;
    let text = '';
    let tellsWhen = false;
    try {
      const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify({ commands }) });
      status = answer.statusCode;
      text = await answer.body.text();
      tellsWhen = answer.headers['retry-after'] !== undefined;
      if (AGAIN.has(status) && !tellsWhen) fault(`${status} without Retry-After: ${text}`);
    } catch (error) {
      text = String(error);
    }
    if (status !== 200) {
      count(status, commands.length);
      result.open.push(...commands);
      if (!AGAIN.has(status)) fault(`A batch was answered with ${status}: ${text.slice(0, 300)}`);
      return;
    }
    const { results } = JSON.parse(text) as { results: { status: number; body: unknown }[] };
    for (const [index, command] of commands.entries()) {
      const { status: own, body } = results[index] ?? { status: 0, body: undefined };
      count(own);
      if (own === 202)
        result.decided.push({ command, decision: { status: own, body: JSON.stringify(body), sentAtMs, attempts: 0 } });
      else if (AGAIN.has(own)) {
        result.open.push(command);
        if (!tellsWhen) fault(`${own} in a batch without Retry-After: ${JSON.stringify(body)}`);
      } else fault(`A command was answered with ${own}: ${JSON.stringify(body)}`);
    }
  }

  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1_000;
  if (ratePerSecond === undefined) {
    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (performance.now() < untilMs) await sendOne();
      }),
    );
  } else {
    const waiting = new Set<Promise<void>>();
    for (let due = 0; performance.now() < untilMs; await sleep(5)) {
      for (; due < ((performance.now() - startedMs) * ratePerSecond) / 1_000; due += 1) {
        if (waiting.size >= clients) {
          result.unsent += 1;
          continue;
        }
        const sending = sendOne().finally(() => waiting.delete(sending));
        waiting.add(sending);
      }
    }
    sendingEnded?.(performance.now());
    await Promise.all(waiting);
  }
  result.elapsedMs = performance.now() - startedMs;
  await pool.destroy();
  return result;
}
