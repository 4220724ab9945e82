import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gatewayOn, move, sendBatch, uuidOf } from '../../../test/support/ledger.ts';
import { PIECE_COMMANDS } from '../../core/chain/command-log.ts';
import type { ChainRef } from '../../core/chain/name.ts';
import { type HeldChainState, initialChainState } from '../../core/chain/state.ts';
import { createMemoryJournal } from '../memory-journal.ts';
import type { Journal } from '../port.ts';
import { openReplica } from '../replica.ts';
import { encodeSnapshot, openManifest, sealManifest, SNAPSHOT_VERSION } from './codec.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { createMemorySnapshots } from './memory-snapshots.ts';
import type { SnapshotStore } from './port.ts';
import { takeSnapshot } from './take-snapshot.ts';
import { contentsOf, keyOf, openMonth, refOf, snapshotsOn } from './testing/month.ts';

const { month, chains } = await openMonth();

/** The chain with the most commits, cut in two journals: one that ends early, and the whole. */
async function cutJournal(): Promise<{ ref: ChainRef; early: Journal; whole: Journal; cut: number }> {
  const { ref, commits } = chains.toSorted((a, b) => b.commits.length - a.commits.length)[0]!;
  const early = createMemoryJournal();
  const half = Math.floor(commits.length / 2);
  for (const commit of commits.slice(0, half)) await early.append({ commits: [commit], reservations: [] });
  return { ref, early, whole: month.journal, cut: commits[half - 1]!.lastSeq };
}

/** Counts what a replica reads. */
function counting(journal: Journal): { journal: Journal; readFrom: number[] } {
  const readFrom: number[] = [];
  return {
    readFrom,
    journal: {
      ...journal,
      read: (ref, options) => {
        readFrom.push(options.afterSeq);
        return journal.read(ref, options);
      },
    },
  };
}

describe('a replica', () => {
  it('begins with the snapshot and goes on from there, to the same state', async () => {
    const { ref, early, whole, cut } = await cutJournal();
    const snapshots = snapshotsOn(createMemorySnapshots());
    expect(await takeSnapshot(early, ref, snapshots)).toBe(cut);
    const { journal, readFrom } = counting(whole);
    const replica = openReplica(journal, ref, { snapshots });
    await replica.catchUp();
    await replica.catchUp();
    const reference = openReplica(whole, ref);
    await reference.catchUp();
    expect(readFrom).toEqual([cut, replica.seq]);
    expect([replica.seq, replica.hash]).toEqual([reference.seq, reference.hash]);
    expect(contentsOf(replica.state as HeldChainState)).toEqual(contentsOf(reference.state as HeldChainState));
    expect(snapshots.faults).toEqual([]);
  });

  it('takes the next snapshot from the last one, and the last one’s pieces are gone', async () => {
    const { ref, early, whole, cut } = await cutJournal();
    const store = createMemorySnapshots();
    const snapshots = snapshotsOn(store);
    await takeSnapshot(early, ref, snapshots);
    const before = openManifest((await store.newest(ref))!, ref);
    const { journal, readFrom } = counting(whole);
    const seq = await takeSnapshot(journal, ref, snapshots);
    expect(readFrom).toEqual([cut]);
    expect((await loadSnapshot(whole, ref, snapshots))?.seq).toBe(seq);
    expect(await store.piece(ref, before.tables[0]!)).toBeUndefined();
  });

  it('leaves the snapshot alone that another has put in its place meanwhile', async () => {
    const { ref, early, whole } = await cutJournal();
    const store = createMemorySnapshots();
    const racing: SnapshotStore = {
      ...store,
      replace: async (...replacement) => {
        await takeSnapshot(whole, ref, snapshotsOn(store));
        return store.replace(...replacement);
      },
    };
    expect(await takeSnapshot(early, ref, snapshotsOn(racing))).toBeUndefined();
    const standing = await loadSnapshot(whole, ref, snapshotsOn(store));
    expect(standing?.seq).toBe((await whole.lastCommit(ref))?.lastSeq);
  });

  const damaged = (bytes: Uint8Array | undefined) => bytes?.map((byte, index) => (index === 5 ? byte ^ 1 : byte));
  it.each<[string, (store: SnapshotStore) => Partial<SnapshotStore>, RegExp]>([
    ['a piece that is missing', () => ({ piece: async () => undefined }), /is missing/],
    [
      'a piece that was changed',
      (store) => ({ piece: async (ref, digest) => damaged(await store.piece(ref, digest)) }),
      /is not what was written/,
    ],
    [
      'a manifest that was changed',
      () => ({ newest: async () => ({ text: '{}', digest: 'f'.repeat(64) }) }),
      /its manifest is not what was written/,
    ],
    [
      'another version',
      (store) => ({
        newest: async (ref) => {
          const sealed = (await store.newest(ref))!;
          return sealManifest({ ...openManifest(sealed, ref), version: SNAPSHOT_VERSION + 1 });
        },
      }),
      /version/,
    ],
    [
      'another number of commands that are remembered',
      (store) => ({
        newest: async (ref) => {
          const manifest = openManifest((await store.newest(ref))!, ref);
          return sealManifest({ ...manifest, remembers: manifest.remembers - 1 });
        },
      }),
      /it remembers 249999 commands, not 250000/,
    ],
    [
      'another chain’s',
      (store) => ({
        newest: async (ref) =>
          sealManifest({ ...openManifest((await store.newest(ref))!, ref), chain: 'CU_OTHER#chain#00' }),
      }),
      /is of chain/,
    ],
    [
      'a hash that the journal has not at that seq',
      (store) => ({
        newest: async (ref) => sealManifest({ ...openManifest((await store.newest(ref))!, ref), hash: 'f'.repeat(64) }),
      }),
      /the journal has no commit/,
    ],
    [
      'a seq within a commit',
      (store) => ({
        newest: async (ref) => {
          const manifest = openManifest((await store.newest(ref))!, ref);
          return sealManifest({ ...manifest, seq: manifest.seq - 1 });
        },
      }),
      /the journal has no commit/,
    ],
    [
      'pieces that are no commands',
      (store) => ({
        newest: async (ref) => {
          const manifest = openManifest((await store.newest(ref))!, ref);
          return sealManifest({ ...manifest, young: manifest.tables });
        },
      }),
      /cannot be read/,
    ],
    [
      'a table that cannot be reached',
      () => ({ newest: () => Promise.reject(new Error('unreachable')) }),
      /unreachable/,
    ],
    ['pieces that cannot be reached', () => ({ piece: () => Promise.reject(new Error('unreachable')) }), /unreachable/],
  ])('reads the chain whole in spite of %s, and says so', async (_name, damage, reason) => {
    const { ref, early, whole } = await cutJournal();
    const store = createMemorySnapshots();
    await takeSnapshot(early, ref, snapshotsOn(store));
    const snapshots = snapshotsOn({ ...store, ...damage(store) });
    const { journal, readFrom } = counting(whole);
    const replica = openReplica(journal, ref, { snapshots });
    await replica.catchUp();
    const reference = openReplica(whole, ref);
    await reference.catchUp();
    expect(readFrom).toEqual([0]);
    expect(replica.hash).toBe(reference.hash);
    expect(contentsOf(replica.state as HeldChainState)).toEqual(contentsOf(reference.state as HeldChainState));
    expect(snapshots.faults).toEqual([expect.stringMatching(reason)]);
  });

  it('looks a second time where a new snapshot took the pieces away that it was just reading', async () => {
    const { ref, early, whole } = await cutJournal();
    const store = createMemorySnapshots();
    await takeSnapshot(early, ref, snapshotsOn(store));
    let looks = 0;
    const overtaken = snapshotsOn({
      ...store,
      newest: async (of) => {
        const sealed = await store.newest(of);
        if ((looks += 1) === 1) await takeSnapshot(whole, ref, snapshotsOn(store));
        return sealed;
      },
    });
    expect((await loadSnapshot(whole, ref, overtaken))?.seq).toBe((await whole.lastCommit(ref))?.lastSeq);
    expect([looks, overtaken.faults]).toEqual([2, []]);
  });

  it('gives up a snapshot that is damaged after a second look', async () => {
    const { ref, whole } = await cutJournal();
    const store = createMemorySnapshots();
    await takeSnapshot(whole, ref, snapshotsOn(store));
    let looks = 0;
    const damage: SnapshotStore = {
      ...store,
      newest: (of) => ((looks += 1), store.newest(of)),
      piece: async () => undefined,
    };
    expect(await loadSnapshot(whole, ref, snapshotsOn(damage))).toBeUndefined();
    expect(looks).toBe(2);
  });

  it('reads no more than some pieces at a time', async () => {
    const ref = refOf('00');
    const state = initialChainState();
    for (let number = 0; number < 12 * PIECE_COMMANDS; number += 1)
      state.commands.set(keyOf(`key ${number}`), { digest: keyOf(''), seq: number + 1, events: 1 });
    const { manifest, pieces } = encodeSnapshot(ref, { seq: 1, hash: '' }, state);
    const store = createMemorySnapshots();
    await store.replace(ref, { manifest: sealManifest(manifest), pieces, previous: undefined, dropped: [] });
    let [underWay, most] = [0, 0];
    const counted = snapshotsOn({
      ...store,
      piece: async (of, digest) => {
        most = Math.max(most, (underWay += 1));
        await setImmediate();
        underWay -= 1;
        return store.piece(of, digest);
      },
    });
    // The journal is an empty one, so that all is read and then not used.
    expect(await loadSnapshot(createMemoryJournal(), ref, counted)).toBeUndefined();
    expect(counted.faults).toEqual([expect.stringContaining('the journal has no commit')]);
    expect([most, pieces.size]).toEqual([8, 12]);
  });

  it('reads a journal whole that was put back to before the snapshot, or has gone another way since', async () => {
    const { ref, early, whole } = await cutJournal();
    const snapshots = snapshotsOn(createMemorySnapshots());
    await takeSnapshot(whole, ref, snapshots);
    const replica = openReplica(early, ref, { snapshots });
    await replica.catchUp();
    expect(replica.hash).toBe((await early.lastCommit(ref))?.headHash);
    expect(snapshots.faults).toEqual([expect.stringContaining('the journal has no commit')]);
    // The next snapshot of the journal as it is now stands in for the one that is ahead of it.
    await takeSnapshot(early, ref, snapshots);
    snapshots.faults.length = 0;
    expect((await loadSnapshot(early, ref, snapshots))?.hash).toBe(replica.hash);
    expect(snapshots.faults).toEqual([]);
  });
});

describe('a gateway that begins with snapshots', () => {
  it('answers repeats and decides as one that reads everything, to the same hashes', async () => {
    const { members } = month;
    const commands = [
      ...Array.from({ length: 40 }, (_, index) =>
        move(members[index % 3]!.accountId, 'GL_CASH', 1 + index, { id: `after ${index}` }),
      ),
      move(members[0]!.accountId, 'GL_CARD_SETTLEMENT', 1, { id: 'entry 1', key: uuidOf('entry 1') }),
      move(members[1]!.accountId, members[2]!.accountId, 5, { id: 'across' }),
    ];
    const outcomes = [];
    for (const withSnapshots of [true, false]) {
      const journal = createMemoryJournal();
      for (const { commits } of chains)
        for (const commit of commits) await journal.append({ commits: [commit], reservations: [] });
      const snapshots = snapshotsOn(createMemorySnapshots());
      if (withSnapshots) for (const { ref } of chains) await takeSnapshot(journal, ref, snapshots);
      const gateway = gatewayOn(journal, {
        openReplica: (of, ref) => openReplica(of, ref, withSnapshots ? { snapshots } : {}),
      });
      const replies = await sendBatch(gateway, commands);
      const heads = await Promise.all(chains.map(async ({ ref }) => (await journal.lastCommit(ref))?.headHash));
      outcomes.push({ replies, heads, faults: snapshots.faults });
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]?.faults).toEqual([]);
  });
});
