import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Journal } from '../port.ts';
import type { SnapshotOptions } from './load-snapshot.ts';
import { openManifest } from './codec.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** Events that a cold replica may have to fold beyond a snapshot, before there is a new one: some 0.2 s of work. */
export const SNAPSHOT_EVERY_EVENTS = 50_000;

export interface ChainHead extends ChainRef {
  seq: number;
}

export interface SnapshotKeeperOptions {
  journal: Journal;
  snapshots: SnapshotOptions;
  /** Told of a snapshot that could not be taken; the next call tries again. */
  failed: (message: string, cause: unknown) => void;
  /** Milliseconds of any clock that only rises. */
  now: () => number;
  /** Time after which a call begins no further snapshot. */
  budgetMs: number;
}

/**
 * Makes a keeper of snapshots: called with the heads of chains, it takes a snapshot of each that has grown much beyond its
 * last one. It remembers how far snapshots are, so that a chain without growth is not asked for again.
 * @returns a function that returns the chains of which it took one
 */
export function createSnapshotKeeper(
  options: SnapshotKeeperOptions,
): (heads: readonly ChainHead[]) => Promise<ChainRef[]> {
  const { journal, snapshots, failed, now, budgetMs } = options;
  const known = new Map<string, number>();

  async function isDue(head: ChainHead): Promise<boolean> {
    const name = fullChainName(head);
    if (head.seq - (known.get(name) ?? 0) < SNAPSHOT_EVERY_EVENTS) return false;
    known.set(name, await snapshotSeq(head));
    return head.seq - (known.get(name) ?? 0) >= SNAPSHOT_EVERY_EVENTS;
  }

  /** 0 as well where the snapshot is ahead of the journal, which has been put back to an earlier state. */
  async function snapshotSeq(head: ChainHead): Promise<number> {
    const sealed = await snapshots.store.newest(head);
    if (!sealed) return 0;
    try {
      const { seq } = openManifest(sealed, head);
      return seq > head.seq ? 0 : seq;
    } catch {
      return 0;
    }
  }

  return async (heads) => {
    const start = now();
    const taken: ChainRef[] = [];
    for (const head of heads) {
      if (now() - start > budgetMs) break;
      const { tenantId, chain } = head;
      try {
        if (!(await isDue(head))) continue;
        const seq = await takeSnapshot(journal, { tenantId, chain }, snapshots);
        if (seq === undefined) continue;
        known.set(fullChainName(head), seq);
        taken.push({ tenantId, chain });
      } catch (cause) {
        failed(`Cannot take a snapshot of chain "${fullChainName(head)}"`, cause);
      }
    }
    return taken;
  };
}
