import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import type { Client } from '../support/client.ts';
import type { Decided } from '../support/load.ts';

/** Somebody who sends one command after the other and looks at how long each takes. */
export interface Probe {
  /** Of so many commands. */
  medianMs(): Promise<number>;
  /** Waits until some in a row were accepted with a median of so much at most. @returns when; undefined where that takes too long */
  normalAtMs(options: { medianMs: number; sinceMs: number }): Promise<number | undefined>;
  /** Whether each of some is accepted at once. */
  areAnswered(): Promise<boolean>;
  /** What was accepted of all these. */
  decided: Decided[];
}

const COMMANDS = 40;
/** In a row: one fast answer may be luck, and one slow one somebody else's turn on the machine. */
const IN_A_ROW = 9;
const PAUSE_MS = 25;
/** Beyond any promise: a result says how late it was. */
const LIMIT_MS = 60_000;

export function createProbe(client: Client, next: () => CommandEnvelope): Probe {
  const decided: Decided[] = [];

  async function send(): Promise<{ tookMs: number; accepted: boolean }> {
    const command = next();
    const startedMs = performance.now();
    const { status, text, sentAtMs } = await client.once(command);
    const tookMs = performance.now() - startedMs;
    if (status === 202) decided.push({ command, decision: { status, body: text, sentAtMs, attempts: 0 } });
    return { tookMs, accepted: status === 202 };
  }

  return {
    decided,
    async medianMs() {
      const tookMs: number[] = [];
      for (let index = 0; index < COMMANDS; index += 1, await sleep(PAUSE_MS)) tookMs.push((await send()).tookMs);
      return median(tookMs);
    },
    async normalAtMs({ medianMs, sinceMs }) {
      let row: number[] = [];
      for (; performance.now() - sinceMs < LIMIT_MS; await sleep(PAUSE_MS)) {
        const { tookMs, accepted } = await send();
        row = accepted ? [...row.slice(1 - IN_A_ROW), tookMs] : [];
        if (row.length === IN_A_ROW && median(row) <= medianMs) return performance.now();
      }
      return undefined;
    },
    async areAnswered() {
      for (let index = 0; index < COMMANDS; index += 1) if (!(await send()).accepted) return false;
      return true;
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
