import type { ChainRef } from '../../core/chain/name.ts';
import { spoiltKey } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import type { Breach } from './breach.ts';
import { type KeptBreach, keptOf } from './watch.ts';

/** A commit that is no longer what was written, which leaves no trace on its chain that could be counted there. */
export interface SpoiltCommit {
  ref: ChainRef;
  /** The commit's first event; 0 where its key cannot be read. */
  firstSeq: number;
  reason: string;
  evidence: Breach['evidence'];
  /** When it was seen, or changed. */
  at: string;
}

/** Keeps and reports spoilt commits, in a row each: a commit that is seen again finds its row, and counts once. */
export async function keepSpoilt(
  store: ViewStore,
  commits: readonly SpoiltCommit[],
  report: (breach: Breach) => void,
): Promise<void> {
  if (commits.length === 0) return;
  const kept = await store.get(commits.map(({ ref, firstSeq }) => spoiltKey(ref, firstSeq)));
  const rows = new Map<string, { key: ReturnType<typeof spoiltKey>; doc: KeptBreach }>();
  for (const [index, { ref, firstSeq: seq, at, ...found }] of commits.entries()) {
    const key = spoiltKey(ref, seq);
    if (kept[index] || rows.has(`${key.pk} ${key.sk}`)) continue;
    const breach: Breach = { invariant: 'HASH_CHAIN', ...ref, seq, ...found };
    report(breach);
    rows.set(`${key.pk} ${key.sk}`, { key, doc: keptOf(breach, at) });
  }
  await store.put([...rows.values()]);
}
