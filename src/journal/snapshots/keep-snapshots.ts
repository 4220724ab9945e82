import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Journal } from '../port.ts';
import { loadSnapshot, type SnapshotOptions } from './load-snapshot.ts';
import { openManifest } from './codec.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** Events that a cold replica may have to fold beyond a snapshot, before there is a new one: some 0.2 s of work. */
export const SNAPSHOT_EVERY_EVENTS = 50_000;

/** A manifest is read again after so long, in case somebody took it away: 2 read units. */
const LOOK_AGAIN_MS = 3_600_000;
/** And so often the pieces of one chain's snapshot, each chain in its turn: 2,500 read units for the largest. */
const VERIFY_EVERY_MS = 3_600_000;

export interface ChainHead extends ChainRef {
  seq: number;
}

export interface SnapshotKeeperOptions {
  journal: Journal;
  snapshots: SnapshotOptions;
  /** Told of a snapshot that could not be taken; the next call tries again. */
  failed: (message: string, cause: unknown) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Time after which a call begins no further snapshot. */
  budgetMs: number;
  /** Time that one chain may be read for, from where its last snapshot is: what it takes more is left to the next call. */
  chainBudgetMs: number;
  /** Growth that calls for a new snapshot. */
  everyEvents?: number;
}

/**
 * Makes a keeper of snapshots: called with the heads of chains, it takes a snapshot of each that has grown much beyond its
 * last one, or whose last one is gone. It remembers how far snapshots are, so that a chain without growth is hardly asked for.
 * A call that ran out of time is followed by one that begins where it ended; the first call of a process begins anywhere.
 * @returns a function that returns the chains of which it took one
 */
export function createSnapshotKeeper(
  options: SnapshotKeeperOptions,
): (heads: readonly ChainHead[]) => Promise<ChainRef[]> {
  const { journal, snapshots, failed, now, budgetMs, chainBudgetMs, everyEvents = SNAPSHOT_EVERY_EVENTS } = options;
  const known = new Map<string, { seq: number; readMs: number }>();
  const turnNow = (): number => Math.floor(now() / VERIFY_EVERY_MS);
  let verifiedTurn = turnNow();
  /** The chain that a call had no time for. */
  let resumeAt: string | undefined;
  let isFirstCall = true;

  async function isDue(head: ChainHead): Promise<boolean> {
    const name = fullChainName(head);
    const nowMs = now();
    let snapshot = known.get(name);
    const isFar = (): boolean => head.seq - (snapshot?.seq ?? 0) >= everyEvents;
    if (isFar() || nowMs - (snapshot?.readMs ?? 0) >= LOOK_AGAIN_MS) {
      snapshot = { seq: await snapshotSeq(head), readMs: nowMs };
      known.set(name, snapshot);
    }
    return isFar();
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

  /** The chain whose turn it is to be read in full. The clock says which, so that no process has to remember. */
  function toVerify(heads: readonly ChainHead[]): ChainHead | undefined {
    const turn = turnNow();
    if (turn === verifiedTurn) return undefined;
    verifiedTurn = turn;
    return heads[turn % heads.length];
  }

  /** What is wrong with it, the snapshot that is taken in its place will say. */
  async function isWhole(ref: ChainRef): Promise<boolean> {
    const quiet: SnapshotOptions = { ...snapshots, unusable: () => undefined };
    return (await loadSnapshot(journal, ref, quiet)) !== undefined;
  }

  return async (heads) => {
    const start = now();
    const taken: ChainRef[] = [];
    const grown = heads.filter(({ seq }) => seq >= everyEvents);
    const verified = toVerify(grown);
    // Nobody has told a new process where the one before it ended: the milliseconds of the clock are as good as dice.
    const begin = isFirstCall ? start % grown.length : grown.findIndex((head) => fullChainName(head) === resumeAt);
    const first = Math.max(0, begin);
    isFirstCall = false;
    resumeAt = undefined;
    for (const head of [...grown.slice(first), ...grown.slice(0, first)]) {
      const name = fullChainName(head);
      if (now() - start > budgetMs) {
        resumeAt = name;
        break;
      }
      const { tenantId, chain } = head;
      try {
        if (!(await isDue(head)) && (head !== verified || (await isWhole(head)))) continue;
        const seq = await takeSnapshot(journal, { tenantId, chain }, snapshots, { now, foldMs: chainBudgetMs });
        if (seq === undefined) continue;
        known.set(name, { seq, readMs: now() });
        taken.push({ tenantId, chain });
      } catch (cause) {
        failed(`Cannot take a snapshot of chain "${name}"`, cause);
      }
    }
    return taken;
  };
}
