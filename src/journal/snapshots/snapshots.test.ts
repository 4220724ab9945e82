import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bankMonth } from '../../../test/support/bank-month.ts';
import { gatewayOn, move, sendBatch, uuidOf } from '../../../test/support/ledger.ts';
import type { ChainEvent } from '../../contract/events.ts';
import { PIECE_COMMANDS } from '../../core/chain/command-log.ts';
import { parseLine } from '../../core/chain/line.ts';
import { type ChainRef, chainsOf } from '../../core/chain/name.ts';
import { RememberedCommands } from '../../core/chain/remembered.ts';
import { evolveChain, type HeldChainState, initialChainState } from '../../core/chain/state.ts';
import { createMemoryJournal } from '../memory-journal.ts';
import type { Commit, Journal } from '../port.ts';
import { openReplica } from '../replica.ts';
import { decodeSnapshot, encodeSnapshot, openManifest, sealManifest, SNAPSHOT_VERSION } from './codec.ts';
import { createSnapshotKeeper, SNAPSHOT_EVERY_EVENTS } from './keep-snapshots.ts';
import { loadSnapshot, type SnapshotOptions } from './load-snapshot.ts';
import { createMemorySnapshots } from './memory-snapshots.ts';
import type { SnapshotStore } from './port.ts';
import { takeSnapshot } from './take-snapshot.ts';

const TENANT = 'CU_TEST';
const refOf = (chain: string): ChainRef => ({ tenantId: TENANT, chain });
const keyOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

let month: Awaited<ReturnType<typeof bankMonth>>;
let chains: { ref: ChainRef; commits: Commit[] }[];
beforeAll(async () => {
  month = await bankMonth({ members: 12, entries: 300 });
  const read = async (ref: ChainRef) => ({
    ref,
    commits: await Array.fromAsync(month.journal.read(ref, { afterSeq: 0 })),
  });
  chains = (await Promise.all(chainsOf(16).map((chain) => read(refOf(chain))))).filter(
    ({ commits }) => commits.length > 0,
  );
});

function fold(state: HeldChainState, commits: readonly Commit[]): HeldChainState {
  for (const { body } of commits) for (const line of body.split('\n')) evolveChain(state, parseLine(line));
  return state;
}

/** All that a state holds, comparable. */
function contentsOf(state: HeldChainState): object {
  const { commands, ...tables } = state;
  const wordsOf = (pieces: readonly Uint32Array[]) => pieces.map((piece) => [...piece]);
  const { old, young } = commands.pieces();
  return { ...tables, old: wordsOf(old), young: wordsOf(young) };
}

function saveAndLoad(ref: ChainRef, state: HeldChainState): HeldChainState {
  const { manifest, pieces } = encodeSnapshot(ref, { seq: 1, hash: 'f'.repeat(64) }, state);
  return decodeSnapshot(openManifest(sealManifest(manifest), ref), pieces);
}

describe('a snapshot', () => {
  it('leaves the fold as it is: events folded before it, and those after it, give what all of them give', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (which, where) => {
        const { ref, commits } = chains[which % chains.length]!;
        const cut = where % (commits.length + 1);
        const loaded = saveAndLoad(ref, fold(initialChainState(), commits.slice(0, cut)));
        expect(contentsOf(fold(loaded, commits.slice(cut)))).toEqual(contentsOf(fold(initialChainState(), commits)));
      }),
    );
  });

  it('keeps both generations of commands apart, so that they are forgotten when they would have been', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat({ max: 200 }), (capacity, count) => {
        const state: HeldChainState = { ...initialChainState(), commands: new RememberedCommands(capacity) };
        for (let seq = 1; seq <= count; seq += 1)
          state.commands.set(keyOf(`key ${seq}`), { digest: keyOf(`digest ${seq}`), seq, events: seq % 7 });
        const { manifest, pieces } = encodeSnapshot(refOf('00'), { seq: 1, hash: '' }, state);
        const loaded = decodeSnapshot(manifest, pieces);
        expect(contentsOf(loaded)).toEqual(contentsOf(state));
        for (let seq = 1; seq <= count; seq += 1)
          expect(loaded.commands.get(keyOf(`key ${seq}`))).toEqual(state.commands.get(keyOf(`key ${seq}`)));
        const next = { digest: keyOf(''), seq: count + 1, events: 1 };
        for (let more = 0; more <= capacity; more += 1)
          for (const { commands } of [state, loaded]) commands.set(keyOf(`more ${more}`), next);
        expect(contentsOf(loaded)).toEqual(contentsOf(state));
      }),
      { numRuns: 50 },
    );
  });

  it('shares full pieces of commands with the snapshot before it', () => {
    const state = initialChainState();
    const grow = (to: number) => {
      for (let seq = 1; seq <= to; seq += 1)
        state.commands.set(keyOf(`key ${seq}`), { digest: keyOf(''), seq, events: 1 });
      return encodeSnapshot(refOf('00'), { seq: to, hash: '' }, state);
    };
    const first = grow(20_000);
    const second = grow(30_000);
    expect(first.manifest.young.length).toBe(3);
    expect(second.manifest.young.slice(0, 2)).toEqual(first.manifest.young.slice(0, 2));
    expect(Math.max(...[...second.pieces.values()].map((bytes) => bytes.length))).toBeLessThan(400_000 - 1_000);
  });

  // When this fails, what a snapshot holds has changed, in form or in meaning: raise SNAPSHOT_VERSION and put what there is now
  // here. Snapshots of the version before are then ignored.
  it('is of a version that says how events are folded and what is written of it', () => {
    const state = initialChainState();
    for (const event of EVERY_EVENT) evolveChain(state, event);
    const rows = Object.entries(contentsOf(state)).map(([name, table]) => [
      name,
      table instanceof Map ? [...(table as Map<string, unknown>)] : table,
    ]);
    const folded = createHash('sha256').update(JSON.stringify(rows)).digest('hex');
    const { manifest, pieces } = encodeSnapshot(refOf('00'), { seq: 11, hash: 'f'.repeat(64) }, state);
    const written = [
      Object.keys(manifest),
      manifest.young,
      manifest.tables.map((digest) => gunzipSync(pieces.get(digest)!).toString()),
    ];
    const digest = createHash('sha256').update(JSON.stringify(written)).digest('hex');
    expect({ version: SNAPSHOT_VERSION, folded, written: digest }).toEqual({
      version: 2,
      folded: 'c8610786a7ec7cf7c50b0259e27df2d8d022931fa8c6e520dd3915c3ca8d188d',
      written: 'dadbbdd15a796e0847445fb2ade3cf15b788faec271c070d4870ff077fb5dfbb',
    });
  });
});

/** One of each type of events at least, on one chain as no ledger would have them. */
const EVERY_EVENT = (
  [
    ['TenantCreated', TENANT, { tenantCode: TENANT, displayName: 'Test', chains: 16 }],
    ['ProductCreated', 'TXN', { productCode: 'TXN', name: 'Everyday', status: 'ACTIVE' }],
    ['ProductUpdated', 'TXN', { productCode: 'TXN', name: 'Every day', status: 'WITHDRAWN' }],
    [
      'CustomerCreated',
      'cust_00_a',
      {
        person: { firstName: 'Jane' },
        employment: { annualIncomeMinor: 8_500_000 },
        riskProfile: { creditScore: 720 },
      },
    ],
    [
      'AccountOpened',
      'acc_00_a',
      { customerId: 'cust_00_a', productCode: 'TXN', currency: 'AUD', floorMinor: -5, ceilingMinor: null },
    ],
    [
      'AccountOpened',
      'acc_00_b',
      { customerId: 'cust_00_a', currency: 'AUD', floorMinor: 0, ceilingMinor: 9, maturesOn: '2025-07-01' },
    ],
    ['LoanFacilityCreated', 'acc_00_a', { customerId: 'cust_00_a', principalMinor: 100, termMonths: 12, rate: 0.1 }],
    ['FundsPosted', 'ent_00_8', { accountId: 'acc_00_a', legs: [] }],
    ['AccountBalanceUpdated', 'acc_00_a', { entryId: 'ent_00_8', deltaMinor: 7, balanceMinor: 7 }],
    ['AccountBalanceUpdated', 'GL_CASH', { entryId: 'ent_00_8', deltaMinor: -7, balanceMinor: -7 }],
    ['EntryPosted', 'ent_00_11', { legs: [] }],
    ['AccountClosed', 'acc_00_b', { entryId: 'ent_00_11' }],
    ['CommandRefused', 'refused', { error: 'EmailTaken', details: {} }],
  ] as const
).map(([type, entityId, payload], index) => {
  const command = { type: 'PostEntry', key: keyOf(type), digest: keyOf(entityId), actor: 'SYSTEM:TEST', events: 1 };
  const event = { seq: index + 1, type, entityId, occurredAt: '', causationId: `cause ${index}`, command, payload };
  return event as unknown as ChainEvent; // with the fields that are folded
});

/** A store whose answers can be damaged, and the faults that a reader was told of. */
function snapshotsOn(store: SnapshotStore): SnapshotOptions & { faults: string[] } {
  const faults: string[] = [];
  return {
    store,
    faults,
    unusable: (_message, cause) => void faults.push(cause instanceof Error ? cause.message : String(cause)),
  };
}

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
