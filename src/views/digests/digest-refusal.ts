import { isDeepStrictEqual } from 'node:util';
import { digestRefusalKey } from '../keys.ts';
import { type BreachCounts, keptOf } from '../monitor/watch.ts';
import type { ViewStore } from '../port.ts';

/** A chain that could not be signed: the first event that may be wrong, and why. */
interface UnsignedChain {
  chain: string;
  seq: number;
  reason: string;
}

/**
 * Why the last run that looked at a tenant signed nothing: pk `<tenant>#digest`, sk `refused`. Written when that changes; no faults
 * once the journal is again what was signed.
 */
export interface DigestRefusal {
  /** Grows by one with each change. */
  seq: number;
  /** When it was first seen so, ISO 8601 UTC. */
  at: string;
  /** The digest that cannot be extended; null where there is none yet. */
  number: number | null;
  faults: readonly UnsignedChain[];
}

/** Keeps what came of a run for `GET /invariants`. Where another run is telling at the same time, one of them is heard. */
export async function keepRefusal(
  views: ViewStore,
  tenantId: string,
  { at, number, faults: told }: Omit<DigestRefusal, 'seq'>,
): Promise<void> {
  const faults = told.map(({ chain, seq, reason }) => ({ chain, seq, reason }));
  const key = digestRefusalKey(tenantId);
  const [kept] = await views.get([key]);
  if (isDeepStrictEqual(kept?.faults ?? [], faults)) return;
  const from = kept?.seq ?? 0;
  await views.advance({ key, from, to: { seq: from + 1, at, number, faults } });
}

/** @returns a breach for each chain that could not be signed */
export async function readRefusal(views: ViewStore, tenantId: string): Promise<BreachCounts[]> {
  const [kept] = await views.get([digestRefusalKey(tenantId)]);
  if (!kept) return [];
  const { at, number, faults } = kept;
  return faults.map(({ chain, seq, reason }) => {
    const evidence = { digest: number };
    const told = `No digest was signed: ${reason}`;
    return {
      HASH_CHAIN: {
        count: 1,
        last: keptOf({ invariant: 'HASH_CHAIN', tenantId, chain, seq, reason: told, evidence }, at),
      },
    };
  });
}
