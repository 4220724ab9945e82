import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Stream } from '../../../src/twin/random/stream.ts';
import { AGAIN, type Client } from './client.ts';

/** Clients that go on asking QueryFunction for accounts. */
export interface Reading {
  /** Answers so far. */
  answered(): number;
  /** Questions so far that were not answered, or with what means "again". */
  failed(): number;
  /** Answers that cannot be, since the last call. */
  faults(): string[];
  stop(): Promise<void>;
}

const account = z.object({ accountId: z.string(), eventCount: z.number() });
const READERS = 6;
const PAUSE_MS = 10;

/** What a client has once read of an account must be there for good: a view that goes back has lost something. */
export function keepReading(options: {
  client: Client;
  tenantId: string;
  accounts: readonly string[];
  seed: string;
}): Reading {
  const { client, tenantId, accounts, seed } = options;
  let running = true;
  let answered = 0;
  let failed = 0;
  const faults: string[] = [];

  async function keepAsking(reader: number): Promise<void> {
    const random = new Stream({ seed, tenantId, member: reader, purpose: 'reading' });
    const seen = new Map<string, number>();
    for (; running; await sleep(PAUSE_MS)) {
      const accountId = random.pick(accounts);
      const { status, text } = await client.look(`/accounts/${accountId}`);
      if (AGAIN.has(status)) {
        failed += 1;
        continue;
      }
      answered += 1;
      const read = status === 200 ? account.safeParse(JSON.parse(text)).data : undefined;
      const before = seen.get(accountId) ?? 0;
      if (read?.accountId !== accountId) faults.push(`Account ${accountId} was answered with ${status}: ${text}`);
      else if (read.eventCount < before)
        faults.push(`Account ${accountId} went back from ${before} events to ${read.eventCount}`);
      else seen.set(accountId, read.eventCount);
    }
  }

  const readers = Promise.all(Array.from({ length: READERS }, (_, reader) => keepAsking(reader)));
  readers.catch(() => undefined); // told by stop()
  return {
    answered: () => answered,
    failed: () => failed,
    faults: () => faults.splice(0),
    async stop() {
      running = false;
      await readers;
    },
  };
}
