import { describe, expect, it } from 'vitest';
import type { ChainRef } from '../../core/chain/name.ts';
import { initialChainState } from '../../core/chain/state.ts';
import { createMemoryJournal } from '../memory-journal.ts';
import type { Journal } from '../port.ts';
import { encodeSnapshot, openManifest, sealManifest } from './codec.ts';
import { createSnapshotKeeper, SNAPSHOT_EVERY_EVENTS } from './keep-snapshots.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { createMemorySnapshots } from './memory-snapshots.ts';
import type { SnapshotStore } from './port.ts';
import { openMonth, refOf, snapshotsOn } from './testing/month.ts';

const { month, chains } = await openMonth();

describe('the keeper of snapshots', () => {
  /** A store that only knows how far its snapshots are, and counts what it is asked. */
  function recording(seqs: Record<string, number> = {}) {
    const asked: string[] = [];
    const taken: string[] = [];
    const store: SnapshotStore = {
      newest: async (ref) => {
        asked.push(ref.chain);
        const seq = seqs[ref.chain];
        if (seq === undefined) return undefined;
        const { manifest } = encodeSnapshot(ref, { seq, hash: '' }, initialChainState());
        return sealManifest(manifest);
      },
      piece: async () => undefined,
      replace: async (ref) => {
        taken.push(ref.chain);
        return true;
      },
    };
    return { store, asked, taken };
  }
  const head = (chain: string, seq: number) => ({ ...refOf(chain), seq });
  const keeperOn = (
    store: SnapshotStore,
    options: { now?: () => number; budgetMs?: number; failures?: string[]; journal?: Journal } = {},
  ) =>
    createSnapshotKeeper({
      journal: options.journal ?? createMemoryJournal(),
      snapshots: snapshotsOn(store),
      failed: (message) => void options.failures?.push(message),
      now: options.now ?? (() => 0),
      budgetMs: options.budgetMs ?? 1,
      chainBudgetMs: 0,
    });

  it('takes one where a chain has grown much beyond the last, and where there is none or it is ahead of the journal', async () => {
    const every = SNAPSHOT_EVERY_EVENTS;
    const { store, taken } = recording({ '01': every, '02': every, '03': 5 * every });
    const keep = keeperOn(store);
    const heads = [
      head('00', every),
      head('01', 2 * every - 1),
      head('02', 2 * every),
      head('03', every),
      head('04', every - 1),
    ];
    expect((await keep(heads)).map(({ chain }) => chain)).toEqual(['00', '02', '03']);
    expect(taken).toEqual(['00', '02', '03']);
  });

  it('asks for nothing while chains do not grow', async () => {
    const every = SNAPSHOT_EVERY_EVENTS;
    const { store, asked } = recording({ '01': every });
    const keep = keeperOn(store);
    const heads = [head('00', 10), head('01', 2 * every - 1)];
    await keep(heads);
    await keep(heads);
    expect(asked).toEqual(['01']);
  });

  it('goes on with the other chains where one cannot be read or written, and ends when its time is over', async () => {
    const failures: string[] = [];
    const { store, taken } = recording();
    const failing: SnapshotStore = {
      ...store,
      newest: (ref) => (ref.chain === '00' ? Promise.reject(new Error('unreachable')) : store.newest(ref)),
    };
    const keep = keeperOn(failing, { failures, now: () => taken.length, budgetMs: 1 });
    const heads = ['00', '01', '02', '03', '04'].map((chain) => head(chain, SNAPSHOT_EVERY_EVENTS));
    expect((await keep(heads)).map(({ chain }) => chain)).toEqual(['01', '02']);
    expect(taken).toEqual(['01', '02']);
    expect(failures).toEqual(['Cannot take a snapshot of chain "CU_TEST#chain#00"']);
    // The next call begins with the first that had no time.
    expect((await keep(heads)).map(({ chain }) => chain)).toEqual(['03', '04']);
  });

  it('of which every call is a new process begins now with one chain, now with another: where time is short none is left out', async () => {
    const heads = ['00', '01', '02'].map((chain) => head(chain, SNAPSHOT_EVERY_EVENTS));
    const firsts = new Set<string | undefined>();
    for (const startMs of [3_000, 3_001, 3_002]) {
      const { store, taken } = recording();
      const keep = keeperOn(store, { now: () => startMs + taken.length, budgetMs: 0 });
      expect(await keep(heads)).toHaveLength(1);
      firsts.add(taken[0]);
    }
    expect(firsts).toEqual(new Set(['00', '01', '02']));
  });

  const HOUR = 3_600_000;
  /** A keeper of real snapshots of some chains, with a clock to be set and a hand on what is stored. */
  async function keeping(options: { chainCount: number; chainBudgetMs?: number; everyEvents?: number }) {
    const store = createMemorySnapshots();
    const gone = new Set<string>();
    const asked: string[] = [];
    const clock = { ms: 0 };
    const faults = snapshotsOn({
      newest: async (ref) => (asked.push(ref.chain), gone.has(ref.chain) ? undefined : store.newest(ref)),
      piece: async (ref, digest) => (gone.has(digest) ? undefined : store.piece(ref, digest)),
      replace: async (ref, replacement) => {
        for (const digest of replacement.pieces.keys()) gone.delete(digest);
        const previous = gone.delete(ref.chain) ? (await store.newest(ref))?.digest : replacement.previous;
        return store.replace(ref, { ...replacement, previous });
      },
    });
    const failures: string[] = [];
    const keep = createSnapshotKeeper({
      journal: month.journal,
      snapshots: faults,
      failed: (message) => void failures.push(message),
      now: () => clock.ms,
      budgetMs: 1_000,
      chainBudgetMs: options.chainBudgetMs ?? 1_000,
      everyEvents: options.everyEvents ?? 1,
    });
    const heads = chains
      .toSorted((a, b) => b.commits.length - a.commits.length)
      .slice(0, options.chainCount)
      .map(({ ref, commits }) => ({ ...ref, seq: commits.at(-1)!.lastSeq }));
    const call = async () => (await keep(heads)).map(({ chain }) => chain);
    return { call, heads, clock, gone, asked, store, failures };
  }

  it('finds within an hour that a snapshot is gone, and takes a new one', async () => {
    const { call, heads, clock, gone, asked } = await keeping({ chainCount: 3 });
    const names = heads.map(({ chain }) => chain);
    expect(await call()).toEqual(names);
    gone.add(names[2]!); // not the chain whose pieces are next to be read
    asked.length = 0;
    clock.ms = HOUR - 1;
    expect([await call(), asked]).toEqual([[], []]);
    clock.ms = HOUR;
    expect(await call()).toEqual([names[2]]);
    expect(await call()).toEqual([]);
  });

  it('finds in each chain’s turn that pieces are gone, and puts them back', async () => {
    const { call, heads, clock, gone, store } = await keeping({ chainCount: 3 });
    await call();
    const [, , last] = heads;
    const { tables } = openManifest((await store.newest(last!))!, last!);
    gone.add(tables[0]!);
    const found = [];
    for (let turn = 1; turn <= 3; turn += 1) {
      clock.ms = turn * HOUR;
      found.push(...(await call()).map((chain) => [turn, chain]));
    }
    expect(found).toEqual([[2, last!.chain]]);
    expect(gone.size).toBe(0);
  });

  it('reads a long chain piece by piece, and the others in between', async () => {
    const { call, heads, asked, store, failures } = await keeping({ chainCount: 2, chainBudgetMs: 0 });
    const [long, short] = heads;
    const seqOf = async (ref: ChainRef) => openManifest((await store.newest(ref))!, ref).seq;
    const seqs: number[] = [];
    expect(await call()).toEqual([long!.chain, short!.chain]);
    for (let calls = 0; (seqs.at(-1) ?? 0) < long!.seq; calls += 1) {
      expect(calls).toBeLessThan(2_000);
      seqs.push(await seqOf(long!));
      await call();
    }
    expect(seqs.length).toBeGreaterThan(10);
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
    expect(asked).toContain(short!.chain);
    expect(failures).toEqual([]);
    expect((await loadSnapshot(month.journal, long!, snapshotsOn(store)))?.hash).toBe(
      (await month.journal.lastCommit(long!))?.headHash,
    );
  });
});
