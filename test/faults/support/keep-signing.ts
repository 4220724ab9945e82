import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { messageOf } from '../../../src/cli/cli-error.ts';
import type { Up } from './up.ts';

/** One run of DigestFunction. */
export interface Run {
  /** What keeps it from having made its digest; undefined where it has. */
  failed: Promise<string | undefined>;
}

/** DigestFunction, run again and again. */
export interface Signing {
  /** Resolves when the next run begins. */
  begun(): Promise<Run>;
  /** How long the last run took that ended well. */
  typicalMs(): number;
  /** The highest number that it answered with. */
  told(): number;
  /** Journals that it refused to sign. */
  refusals(): string[];
  /** Waits for a run that ends well. @throws where none does in time, with what the last one said */
  once(): Promise<void>;
  stop(): Promise<void>;
}

const answer = z.object({
  digests: z.array(z.object({ outcome: z.string(), number: z.number().nullable(), faults: z.array(z.unknown()) })),
});
const PAUSE_MS = 150;
const LIMIT_MS = 60_000;

/** @param up gives the local cloud of the moment */
export function keepSigning(up: () => Up, tenantId: string): Signing {
  let running = true;
  let told = 0;
  let typicalMs = 10;
  const refusals: string[] = [];
  let next = Promise.withResolvers<Run>();

  async function sign(): Promise<string | undefined> {
    const startedMs = performance.now();
    try {
      const { digests } = answer.parse(await up().owner.invoke('DigestFunction', { tenantId }));
      for (const { outcome, number, faults } of digests) {
        if (outcome === 'refused') refusals.push(`DigestFunction refused to sign: ${JSON.stringify(faults)}`);
        told = Math.max(told, number ?? 0);
      }
      typicalMs = performance.now() - startedMs;
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  const keeping = (async () => {
    for (; running; await sleep(PAUSE_MS)) {
      const failed = sign();
      next.resolve({ failed });
      next = Promise.withResolvers<Run>();
      await failed;
    }
  })();

  return {
    begun: () => next.promise,
    typicalMs: () => typicalMs,
    told: () => told,
    refusals: () => refusals.splice(0),
    async once() {
      for (const startedMs = performance.now(); ; await sleep(PAUSE_MS)) {
        const failed = await sign();
        if (failed === undefined) return;
        if (performance.now() - startedMs > LIMIT_MS)
          throw new Error(`DigestFunction made no digest within ${LIMIT_MS} ms; last: ${failed}`);
      }
    },
    async stop() {
      running = false;
      await keeping;
    },
  };
}
