import { expect, it } from 'vitest';
import type { ChainRef } from '../../src/core/chain/name.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { cursorKey } from '../../src/views/keys.ts';
import { leaveDoubt, settleOwed } from '../../src/views/projection/doubt.ts';
import { rebuildChain } from '../../src/views/rebuild/rebuild-chain.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { commitsOf, projectChain, projectorOn } from '../support/deliveries.ts';
import { gatewayOn, move, sendBatch } from '../support/ledger.ts';
import { catchUp, cleanRows, NOW, rebuildAll, rebuildOptions } from '../support/rebuilds.ts';

const TENANT = 'CU_TEST';

async function projected() {
  const { journal, members } = await bankMonth({ members: 3, entries: 40 });
  const store = createMemoryViews();
  await catchUp(journal, store);
  const accountId = members[0]!.accountId;
  const ref: ChainRef = { tenantId: TENANT, chain: accountId.slice(4, 6) };
  const more = (id = 'one more') => sendBatch(gatewayOn(journal), [move(accountId, 'GL_CASH', 1, { id })]);
  return { journal, store, ref, more };
}

it('a cursor whose row is damaged ends a round with an error, not in a loop', async () => {
  const { journal, store, ref, more } = await projected();
  const [doc] = await store.get([cursorKey(ref)]);
  await store.put([{ key: cursorKey(ref), doc }]); // the same document, without the number beside it
  await more();
  const pauses: number[] = [];
  const sleep = async (ms: number) => {
    // Well beyond what a bound allows: without one nothing else ever gets its turn.
    if (pauses.push(ms) > 1_000) throw new Error('It goes on for ever');
  };
  const projector = projectorOn(journal, store, { sleep });
  await expect(projectChain(projector, { ref })).rejects.toThrow('Cannot move the cursor');
  expect(pauses).toHaveLength(19);
  expect(Math.min(...pauses)).toBeGreaterThan(0);
});

it('says that a chain cannot be put in doubt where its rows were taken away meanwhile', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  const [begun] = await projectorOn(journal, store).cursorsOf([ref]);
  // Another has had the rows in hand, and since then the cursor is one that nobody can move.
  const [doc] = await store.get([cursorKey(ref)]);
  const fence = { generation: 1, rebuilt: 0 };
  await store.advance({ key: cursorKey(ref), from: doc!.seq, to: { ...doc!, fence } as never });
  const stuck: MemoryViews = { ...store, advance: async () => false };
  const projector = projectorOn(journal, stuck, { sleep: async () => undefined });
  const call = { ref, images: [], target: Infinity, cursor: begun! };
  await expect(projector.project(call)).rejects.toThrow(
    `Cannot leave a doubt in the cursor of ${TENANT}#chain#${ref.chain}: others keep moving it, or its row is damaged`,
  );
});

it('a move of the cursor whose answer is lost puts no chain in doubt', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  let losses = 0;
  const losing: MemoryViews = {
    ...store,
    async advance(request) {
      await store.advance(request);
      losses += 1;
      throw new Error('The answer was lost');
    },
  };
  await expect(projectChain(projectorOn(journal, losing), { ref })).rejects.toThrow('The answer was lost');
  expect(losses).toBe(1);
  expect(await store.raw(cursorKey(ref))).not.toHaveProperty('fence');
  expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
});

it('a move whose answer is lost, and which somebody else made first, puts the chain in doubt', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  let isLost = false;
  const losing: MemoryViews = {
    ...store,
    async advance(request) {
      if (isLost) return store.advance(request);
      isLost = true;
      await more('another');
      await projectChain(projectorOn(journal, store), { ref });
      await store.advance(request);
      throw new Error('The answer was lost');
    },
  };
  await expect(projectChain(projectorOn(journal, losing), { ref })).rejects.toThrow('The answer was lost');
  expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":0,"rebuilt":0,"doubt":true}');
});

it('a move that arrives after its caller has given up moves nothing past the older rows that others have put meanwhile', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  await more('another');
  const commits = (await commitsOf(journal, TENANT)).filter(({ chain }) => chain === ref.chain);
  let arrives: (() => Promise<boolean>) | undefined;
  const losing: MemoryViews = {
    ...store,
    async advance(request) {
      if (arrives) return store.advance(request);
      arrives = () => store.advance(request);
      throw new Error('No answer in time');
    },
  };
  await expect(projectChain(projectorOn(journal, losing), { ref })).rejects.toThrow('No answer in time');
  // Who is handed the older commit only writes its rows, and gets no further.
  const failing: MemoryViews = { ...store, advance: () => Promise.reject(new Error('Internal server error')) };
  const images = commits.slice(-2, -1);
  const [cursor] = await projectorOn(journal, store).cursorsOf([ref]);
  const target = images[0]!.lastSeq;
  const call = { ref, images, target, cursor: cursor! };
  await expect(projectorOn(journal, failing).project(call)).rejects.toThrow('Internal server error');
  expect(await arrives!()).toBe(false);
  await projectChain(projectorOn(journal, store), { ref });
  const rows = (dump: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(dump).filter(([key]) => !key.includes('#cursor ')));
  expect(rows(store.dump())).toEqual(rows(await cleanRows(journal, TENANT)));
});

it('rows that somebody may have been late with put the chain in doubt once the table can be reached again', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  let [isAway, isDone] = [false, false];
  const reached = async <Result>(result: () => Promise<Result>): Promise<Result> => {
    if (isAway) throw new Error('The table cannot be reached');
    return result();
  };
  const late = projectorOn(journal, {
    ...store,
    get: (...keys: Parameters<typeof store.get>) => reached(() => store.get(...keys)) as never,
    async put(rows) {
      await store.put(rows);
      // Others have had the rows in hand all the while, with what came since, and are done first.
      if (!isDone) await more('another');
      if (isDone) return;
      await projectChain(projectorOn(journal, store), { ref });
      isAway = isDone = true;
    },
    advance: (request) => reached(() => store.advance(request)),
  });
  const [cursor] = await late.cursorsOf([ref]);
  const call = { ref, images: [], target: Infinity };
  await expect(late.project({ ...call, cursor: cursor! })).rejects.toThrow('cannot be reached');
  await expect(late.project({ ...call, cursor: cursor! })).rejects.toThrow('cannot be reached');
  isAway = false;
  const fence = async () => (await store.raw(cursorKey(ref)))?.fence;
  expect(await fence()).toBeUndefined();
  const [moved] = await late.cursorsOf([ref]);
  await late.project({ ...call, cursor: moved! });
  expect(await fence()).toBe('{"generation":0,"rebuilt":0,"doubt":true}');
  // It is said once.
  const run = `${NOW}-one`;
  await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run });
  await more('a third');
  await projectChain(late, { ref });
  expect(await fence()).not.toContain('doubt');
});

it.each([
  ['is settled', settleOwed, '{"generation":1,"rebuilt":1}'],
  ['is left', leaveDoubt, '{"generation":1,"rebuilt":1,"owed":true,"doubt":true}'],
])('a doubt that %s while a round is under way is not taken for somebody else’s rows', async (_, change, fence) => {
  const { journal, store, ref, more } = await projected();
  await leaveDoubt({ store, sha256 }, ref);
  const step = { ref, run: `${NOW}-one`, untilMs: Infinity };
  expect(await rebuildChain(rebuildOptions(journal, store), step)).toMatchObject({ done: true, generation: 1 });
  expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":1,"rebuilt":1,"owed":true}');
  await more();
  let isChanged = false;
  const meanwhile: MemoryViews = {
    ...store,
    async advance(request) {
      if (!isChanged) await change({ store, sha256 }, ref, 1);
      isChanged = true;
      return store.advance(request);
    },
  };
  await projectChain(projectorOn(journal, meanwhile), { ref });
  expect((await store.raw(cursorKey(ref)))?.fence).toBe(fence);
  const rows = Object.entries(store.dump()).filter(([key]) => !key.includes('#rebuild#'));
  expect(Object.fromEntries(rows)).toEqual(await cleanRows(journal, TENANT));
});

it('what is owed to another rebuild, or doubted since, is not settled', async () => {
  const { journal, store, ref } = await projected();
  await leaveDoubt({ store, sha256 }, ref);
  await rebuildChain(rebuildOptions(journal, store), { ref, run: `${NOW}-one`, untilMs: Infinity });
  await settleOwed({ store, sha256 }, ref, 2);
  expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":1,"rebuilt":1,"owed":true}');
  await leaveDoubt({ store, sha256 }, ref);
  await settleOwed({ store, sha256 }, ref, 1);
  expect((await store.raw(cursorKey(ref)))?.fence).toContain('"doubt":true');
});
