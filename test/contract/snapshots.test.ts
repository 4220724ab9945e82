import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChainRef } from '../../src/core/chain/name.ts';
import { initialChainState } from '../../src/core/chain/state.ts';
import { createDynamoSnapshots } from '../../src/journal/snapshots/dynamodb-snapshots.ts';
import { encodeSnapshot, openManifest, sealManifest } from '../../src/journal/snapshots/codec.ts';
import { loadSnapshot } from '../../src/journal/snapshots/load-snapshot.ts';
import { createMemorySnapshots } from '../../src/journal/snapshots/memory-snapshots.ts';
import type { SnapshotReplacement, SnapshotStore } from '../../src/journal/snapshots/port.ts';
import { takeSnapshot } from '../../src/journal/snapshots/take-snapshot.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Journal } from '../../src/journal/port.ts';
import { openReplica } from '../../src/journal/replica.ts';
import { type Engine, JOURNAL_TABLE, SNAPSHOTS_TABLE, startEngine } from '../support/engine.ts';
import { gatewayOn, move, openBank, sendBatch } from '../support/ledger.ts';

const STORES: Record<string, () => Promise<{ snapshots: SnapshotStore; journal: Journal; engine?: Engine }>> = {
  memory: async () => ({ snapshots: createMemorySnapshots(), journal: createMemoryJournal() }),
  embedded: async () => {
    const engine = await startEngine();
    return {
      engine,
      snapshots: createDynamoSnapshots({ client: engine.client, tableName: SNAPSHOTS_TABLE }),
      journal: createDynamoJournal({ client: engine.client, tableName: JOURNAL_TABLE }),
    };
  },
};

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const pieceOf = (size: number, fill: number) => {
  const bytes = new Uint8Array(size).map((_, index) => (index * fill) % 251);
  return [digestOf(bytes), bytes] as const;
};
const sealed = (text: string) => ({ text, digest: digestOf(Buffer.from(text)) });

describe.each(Object.keys(STORES))('snapshots on %s', (name) => {
  let snapshots: SnapshotStore;
  let journal: Journal;
  let engine: Engine | undefined;
  beforeAll(async () => {
    ({ snapshots, journal, engine } = await STORES[name]!());
  });
  afterAll(() => engine?.stop());

  const replace = (ref: ChainRef, manifest: string, rest: Partial<SnapshotReplacement> = {}) =>
    snapshots.replace(ref, {
      manifest: sealed(manifest),
      pieces: new Map(),
      previous: undefined,
      dropped: [],
      ...rest,
    });

  it('gives back manifests and pieces, byte for byte, the largest too, and nothing of another chain', async () => {
    const ref = { tenantId: 'CU_OTHER', chain: '00' };
    const other = { tenantId: 'CU_OTHER', chain: '01' };
    expect(await snapshots.newest(ref)).toBeUndefined();
    const [small, large] = [pieceOf(3, 7), pieceOf(327_680, 13)];
    expect(await snapshots.piece(ref, small[0])).toBeUndefined();
    expect(await replace(ref, 'first', { pieces: new Map([small, large]) })).toBe(true);
    expect(await snapshots.newest(ref)).toEqual(sealed('first'));
    for (const [digest, bytes] of [small, large])
      expect(digestOf((await snapshots.piece(ref, digest))!)).toBe(digestOf(bytes));
    expect(await snapshots.newest(other)).toBeUndefined();
    expect(await snapshots.piece(other, small[0])).toBeUndefined();
  });

  it('lets one writer take the place of the snapshot that both have seen, and takes away what it drops', async () => {
    const ref = { tenantId: 'CU_OTHER', chain: '02' };
    const pieces = Array.from({ length: 60 }, (_, index) => pieceOf(100, index + 1));
    const digests = pieces.map(([digest]) => digest);
    expect(await replace(ref, 'first', { pieces: new Map(pieces) })).toBe(true);
    expect(await replace(ref, 'first of another')).toBe(false);
    const previous = sealed('first').digest;
    const outcomes = [
      await replace(ref, 'second', { previous, dropped: digests.slice(1) }),
      await replace(ref, 'second of another', { previous, dropped: digests }),
    ];
    expect(outcomes).toEqual([true, false]);
    expect(await snapshots.newest(ref)).toEqual(sealed('second'));
    const found = await Promise.all(digests.map((digest) => snapshots.piece(ref, digest)));
    expect(found.map((bytes) => bytes !== undefined)).toEqual(digests.map((_, index) => index === 0));
  });

  it('holds snapshots of a bank, from which replicas begin', async () => {
    const gateway = gatewayOn(journal);
    const members = await openBank(gateway, { members: 6 });
    const post = (round: number) =>
      sendBatch(
        gateway,
        members.flatMap(({ accountId }, member) =>
          Array.from({ length: 30 }, (_, index) =>
            move('GL_CASH', accountId, 1, { id: `round ${round} member ${member} entry ${index}` }),
          ),
        ),
      );
    const faults: unknown[] = [];
    const options = { store: snapshots, unusable: (_: string, cause: unknown) => void faults.push(cause) };
    const chain = members[0]!.accountId.slice(4, 6);
    const ref = { tenantId: 'CU_TEST', chain };
    for (const round of [1, 2, 3]) {
      await post(round);
      const seq = await takeSnapshot(journal, ref, options);
      expect(seq).toBe((await journal.lastCommit(ref))?.lastSeq);
    }
    await post(4);
    const [fast, whole] = [openReplica(journal, ref, { snapshots: options }), openReplica(journal, ref)];
    await fast.catchUp();
    await whole.catchUp();
    expect([fast.seq, fast.hash]).toEqual([whole.seq, whole.hash]);
    expect(fast.state.accounts.get(members[0]!.accountId)).toEqual(whole.state.accounts.get(members[0]!.accountId));
    expect(faults).toEqual([]);
  });

  it('holds the pieces of a large chain', async () => {
    const ref = { tenantId: 'CU_OTHER', chain: '03' };
    const state = initialChainState();
    for (let number = 0; number < 20_000; number += 1) {
      const key = digestOf(Buffer.from(String(number)));
      state.commands.set(key.slice(0, 32), { digest: key.slice(32), seq: number, events: 1 });
      state.ledger.set(`GL_${number}_${'x'.repeat(100)}`, number);
    }
    const { manifest, pieces } = encodeSnapshot(ref, { seq: 1, hash: '' }, state);
    const seal = sealManifest(manifest);
    await snapshots.replace(ref, { manifest: seal, pieces, previous: undefined, dropped: [] });
    expect(openManifest((await snapshots.newest(ref))!, ref)).toEqual(manifest);
    for (const [digest, bytes] of pieces) expect(digestOf((await snapshots.piece(ref, digest))!)).toBe(digestOf(bytes));
  });
});

it('knows its own manifest when the answer to its put was lost, and drops what that replaces', async () => {
  const engine = await startEngine();
  const ref = { tenantId: 'CU_TEST', chain: '00' };
  /** A client that sends each manifest again, as it does when no answer came; in between, sometimes, another's is put there. */
  const storeOn = (between: () => Promise<unknown> = async () => undefined): SnapshotStore =>
    createDynamoSnapshots({
      tableName: SNAPSHOTS_TABLE,
      client: {
        ...engine.client,
        send: async (operation, request, within) => {
          const send = () => engine.client.send(operation, request, within);
          if (operation === 'PutItem' && JSON.stringify(request).includes('"manifest"')) {
            await send();
            await between();
          }
          return send();
        },
      },
    });
  const [old, piece] = [pieceOf(10, 1), pieceOf(10, 2)];
  const first = { manifest: sealed('first'), pieces: new Map([old]), previous: undefined, dropped: [] };
  expect(await storeOn().replace(ref, first)).toBe(true);
  const second = { pieces: new Map([piece]), previous: sealed('first').digest, dropped: [old[0]] };
  expect(await storeOn().replace(ref, { ...second, manifest: sealed('second') })).toBe(true);
  expect(await storeOn().piece(ref, old[0])).toBeUndefined();

  const plain = createDynamoSnapshots({ client: engine.client, tableName: SNAPSHOTS_TABLE });
  const another = () =>
    plain.replace(ref, {
      manifest: sealed('another'),
      pieces: new Map(),
      previous: sealed('third').digest,
      dropped: [],
    });
  const third = { manifest: sealed('third'), pieces: new Map(), previous: sealed('second').digest };
  expect(await storeOn(another).replace(ref, { ...third, dropped: [piece[0]] })).toBe(false);
  expect(await plain.newest(ref)).toEqual(sealed('another'));
  expect(await plain.piece(ref, piece[0])).toBeDefined();
  await engine.stop();
});

it('is done without where the table is missing', async () => {
  const engine = await startEngine();
  const journal = createDynamoJournal({ client: engine.client, tableName: JOURNAL_TABLE });
  const messages: string[] = [];
  const store = createDynamoSnapshots({ client: engine.client, tableName: 'none' });
  const unusable = (message: string, cause: unknown) => void messages.push(`${message}: ${String(cause)}`);
  const ref = { tenantId: 'CU_TEST', chain: '00' };
  expect(await loadSnapshot(journal, ref, { store, unusable })).toBeUndefined();
  const replica = openReplica(journal, ref, { snapshots: { store, unusable } });
  await replica.catchUp();
  expect(replica.seq).toBe(0);
  expect(messages).toHaveLength(2);
  expect(messages[0]).toContain('is not used; the chain is read whole');
  await engine.stop();
});
