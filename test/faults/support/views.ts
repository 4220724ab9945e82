import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.ts';

/** How far a chain is, and how far its views are. */
export interface Head {
  chain: string;
  headSeq: number;
  projectedSeq: number;
}

/** Generous: no figure here is a promise. */
const LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 20;

export async function headsOf(client: Client): Promise<Head[]> {
  return ((await client.get('/chains')) as { chains: Head[] }).chains;
}

/** Waits for the views. @param heads how far they have to come; absent: as far as the journal is now @returns when they were there */
export async function viewsReach(client: Client, heads?: readonly Head[]): Promise<number> {
  const wanted = new Map((heads ?? (await headsOf(client))).map(({ chain, headSeq }) => [chain, headSeq]));
  for (const deadlineMs = performance.now() + LIMIT_MS; ; await sleep(LOOK_EVERY_MS)) {
    const chains = await headsOf(client);
    const nowMs = performance.now();
    if (chains.every(({ chain, projectedSeq }) => projectedSeq >= (wanted.get(chain) ?? 0))) return nowMs;
    if (nowMs > deadlineMs) throw new Error(`The views did not catch up within ${LIMIT_MS} ms`);
  }
}
