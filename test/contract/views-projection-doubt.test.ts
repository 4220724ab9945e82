import { expect, it, vi } from 'vitest';
import type { ChainRef } from '../../src/core/chain/name.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { cursorKey } from '../../src/views/keys.ts';
import { leaveDoubt, settleOwed } from '../../src/views/projection/doubt.ts';
import { rebuildChain } from '../../src/views/rebuild/rebuild-chain.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { commitsOf, isMove, projectChain, projectorOn } from '../support/deliveries.ts';
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

it('a chain with a cursor whose row is damaged cannot be taken in hand, and nothing is written', async () => {
  const { journal, store, ref, more } = await projected();
  const [doc] = await store.get([cursorKey(ref)]);
  await store.put([{ key: cursorKey(ref), doc }]); // the same document, without the number beside it
  await more();
  let moves = 0;
  const damaged: MemoryViews = {
    ...store,
    put: () => Promise.reject(new Error('Expected nothing to write')),
    async advance(request) {
      // Well beyond what a bound allows: without one nothing else ever gets its turn.
      if ((moves += 1) > 1_000) throw new Error('It goes on for ever');
      return store.advance(request);
    },
  };
  await expect(projectChain(projectorOn(journal, damaged), { ref })).rejects.toThrow('Cannot take CU_TEST#chain#');
  expect(moves).toBe(20);
});

it('says that a chain cannot be put in doubt where its rows were taken away meanwhile, and does so as soon as it can', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  const pauses: number[] = [];
  const sleep = async (ms: number) => {
    // Well beyond what a bound allows: without one nothing else ever gets its turn.
    if (pauses.push(ms) > 1_000) throw new Error('It goes on for ever');
  };
  // Another takes the chain, and since then the cursor is one that nobody can move.
  let state: 'before' | 'stuck' | 'freed' = 'before';
  const stuck: MemoryViews = {
    ...store,
    async advance(request) {
      if (state === 'freed') return store.advance(request);
      if (state === 'stuck') return false;
      state = 'stuck';
      expect(await store.advance(request)).toBe(true);
      await projectChain(projectorOn(journal, store), { ref });
      return true;
    },
  };
  const projector = projectorOn(journal, stuck, { sleep });
  await expect(projectChain(projector, { ref })).rejects.toThrow(
    `Cannot leave a doubt in the cursor of ${TENANT}#chain#${ref.chain}: others keep moving it, or its row is damaged`,
  );
  expect(pauses).toHaveLength(19);
  expect(Math.min(...pauses)).toBeGreaterThan(0);
  expect((await store.raw(cursorKey(ref)))?.fence).not.toContain('doubt');
  state = 'freed';
  await projectChain(projector, { ref });
  expect((await store.raw(cursorKey(ref)))?.fence).toContain('"doubt":true');
});

it('a move of the cursor whose answer is lost puts no chain in doubt', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  let losses = 0;
  const losing: MemoryViews = {
    ...store,
    async advance(request) {
      const isDone = await store.advance(request);
      if (!isMove(request)) return isDone;
      losses += 1;
      throw new Error('The answer was lost');
    },
  };
  await expect(projectChain(projectorOn(journal, losing), { ref })).rejects.toThrow('The answer was lost');
  expect(losses).toBe(1);
  expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":0,"rebuilt":0,"taken":2}');
  expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
});

it('a move whose answer is lost, and which somebody else made first, puts the chain in doubt', async () => {
  const { journal, store, ref, more } = await projected();
  await more();
  let isLost = false;
  const losing: MemoryViews = {
    ...store,
    async advance(request) {
      if (isLost || !isMove(request)) return store.advance(request);
      isLost = true;
      await more('another');
      await projectChain(projectorOn(journal, store), { ref });
      await store.advance(request);
      throw new Error('The answer was lost');
    },
  };
  await expect(projectChain(projectorOn(journal, losing), { ref })).rejects.toThrow('The answer was lost');
  expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":0,"rebuilt":0,"taken":3,"doubt":true}');
});

it.each([
  ['has given up', 'another process has'],
  ['has given up', 'the same process has'],
  ['has died', 'another process has'],
])('a move that arrives after its caller %s moves nothing past older rows that %s put meanwhile', async (end, by) => {
  const { journal, store, ref, more } = await projected();
  await more();
  await more('another');
  const commits = (await commitsOf(journal, TENANT)).filter(({ chain }) => chain === ref.chain);
  let arrives: (() => Promise<boolean>) | undefined;
  let isFailing = true;
  const losing: MemoryViews = {
    ...store,
    async advance(request) {
      if (!isMove(request) || !isFailing) return store.advance(request);
      if (arrives) throw new Error('Internal server error');
      arrives = () => store.advance(request);
      if (end === 'has died') return new Promise(() => undefined);
      throw new Error('No answer in time');
    },
  };
  const first = projectorOn(journal, losing);
  const lost = projectChain(first, { ref });
  if (end === 'has given up') await expect(lost).rejects.toThrow('No answer in time');
  await vi.waitUntil(() => arrives);
  // Who is handed the older commit only writes its rows, and gets no further.
  const images = commits.slice(-2, -1);
  const second = by === 'the same process has' ? first : projectorOn(journal, losing);
  await expect(projectChain(second, { ref, images, target: images[0]!.lastSeq })).rejects.toThrow(
    'Internal server error',
  );
  expect(await arrives!()).toBe(false);
  isFailing = false;
  await projectChain(second, { ref });
  expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
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
  expect(await fence()).toBe('{"generation":0,"rebuilt":0,"taken":3}');
  const [moved] = await late.cursorsOf([ref]);
  await late.project({ ...call, cursor: moved! });
  expect(await fence()).toContain('"doubt":true');
  // It is said once.
  const run = `${NOW}-one`;
  await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run });
  await more('a third');
  await projectChain(late, { ref });
  expect(await fence()).not.toContain('doubt');
});

it.each([
  ['is settled', settleOwed, '{"generation":1,"rebuilt":1,"taken":1}'],
  ['is left', leaveDoubt, '{"generation":1,"rebuilt":1,"owed":true,"taken":1,"doubt":true}'],
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
      if (isMove(request) && !isChanged) {
        isChanged = true;
        await change({ store, sha256 }, ref, 1);
      }
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
