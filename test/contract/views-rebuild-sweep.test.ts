import { beforeAll, describe, expect, it } from 'vitest';
import { rebuildChains } from '../../lambdas/sweep/rebuild.ts';
import type { ChainRef } from '../../src/core/chain/name.ts';
import type { Journal, TenantRegistry } from '../../src/journal/port.ts';
import { accountKey, cursorKey } from '../../src/views/keys.ts';
import { fenceOf, underFence } from '../../src/views/projection/fence.ts';
import { holdChain } from '../../src/views/rebuild/hold.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import type { TenantRebuildOptions } from '../../src/views/rebuild/rebuild-tenant.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { bankMonth } from '../support/bank-month.ts';
import { projectorOn } from '../support/deliveries.ts';
import { catchUp, cleanRows, createTurns, NOW, rebuildAll, rebuildOptions } from '../support/rebuilds.ts';

const TENANT = 'CU_TEST';
const SWEEP_EVERY_MS = 300_000;
/** Rows that a walk through the table brings at a time. */
const ROWS_A_PAGE = 5;

interface Changes extends Partial<TenantRebuildOptions> {
  of?: Journal & TenantRegistry;
  failed?: (ref: ChainRef, error: unknown) => void;
}

/** Chains that a round which was overtaken has left in doubt, with a row that is wrong; nobody but the sweep mends it. */
describe('a sweep that finds a chain in doubt', () => {
  let journal: Journal & TenantRegistry;
  let clean: Record<string, unknown>;
  let ref: ChainRef;
  let accountId: string;
  let sweeps = 0;

  beforeAll(async () => {
    const month = await bankMonth({ members: 3, entries: 40 });
    journal = month.journal;
    clean = await cleanRows(journal, TENANT);
    accountId = month.members[0]!.accountId;
    ref = { tenantId: TENANT, chain: accountId.slice(4, 6) };
  });

  async function doubtful(): Promise<MemoryViews> {
    const store = createMemoryViews();
    await catchUp(journal, store);
    const key = accountKey(TENANT, accountId);
    const [row] = await store.get([key]);
    await store.put([{ key, doc: { ...row!, balanceMinor: row!.balanceMinor + 1 } }]);
    await putInDoubt(store, ref);
    return store;
  }
  async function putInDoubt(store: MemoryViews, of: ChainRef): Promise<void> {
    const key = cursorKey(of);
    const [cursor] = await projectorOn(journal, store).cursorsOf([of]);
    const to = underFence(cursor!, { ...fenceOf(cursor), doubt: true });
    expect(await store.advance({ key, from: cursor!.seq, fence: cursor!.fence, to })).toBe(true);
  }
  async function doubts(store: RebuildStore): Promise<string[]> {
    const found: string[] = [];
    await findLaggingChains({ journal, views: store, onDoubt: ({ chain }) => void found.push(chain) });
    return found;
  }
  /** What the function does, without the snapshots; the stream delivers at once. */
  async function sweep(
    store: RebuildStore,
    nowMs = NOW,
    { of = journal, failed = () => undefined, ...changes }: Changes = {},
  ): Promise<string[]> {
    const now = () => nowMs;
    const found = (await doubts(store)).map((chain) => ({ tenantId: TENANT, chain }));
    await catchUp(journal, store, projectorOn(journal, store, { now }));
    const unique = () => `sweep${(sweeps += 1)}`;
    return rebuildChains(found, { ...rebuildOptions(of, store, { now, ...changes }), failed, unique });
  }
  const isShadow = (key: string) => key.includes('#rebuild#');
  const rowsOf = (store: MemoryViews) =>
    Object.fromEntries(Object.entries(store.dump()).filter(([key]) => !isShadow(key)));
  /** A write over a row that the views have. */
  const isCopy = (rows: readonly { key: { pk: string } }[]) =>
    rows.some(({ key: { pk } }) => pk.includes('#account#') && !isShadow(pk));

  it('rebuilds it', async () => {
    const store = await doubtful();
    expect(await sweep(store)).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(await doubts(store)).toEqual([]);
    expect(store.dump()).toEqual(clean);
  });

  it('may fail: the chain is in doubt again, and the next sweep mends it', async () => {
    const store = await doubtful();
    const put: RebuildStore['put'] = async (rows) => {
      if (isCopy(rows)) throw new Error('throttled');
      await store.put(rows);
    };
    const failures: string[] = [];
    const failed = ({ chain }: ChainRef, error: unknown) => void failures.push(`${chain} ${String(error)}`);
    expect(await sweep({ ...store, put }, NOW, { failed })).toEqual([]);
    expect(failures).toEqual([`${ref.chain} Error: throttled`]);
    expect(await doubts(store)).toEqual([ref.chain]);
    await sweep(store, NOW + SWEEP_EVERY_MS);
    expect(await doubts(store)).toEqual([]);
    expect(store.dump()).toEqual(clean);
  });

  it('may die between any two things it does: sweeps alone mend the chain', async () => {
    let deaths = 0;
    for (let dying = 0; ; dying += 1) {
      const store = await doubtful();
      let things = 0;
      const turns = createTurns(([caller = '']) => ({ caller, dies: things++ === dying }));
      await turns.run([sweep(turns.storeOf('sweep', store))]);
      if (things <= dying) break;
      deaths += 1;
      for (let later = 1; later <= 2; later += 1) await sweep(store, NOW + later * SWEEP_EVERY_MS);
      expect(rowsOf(store), `death ${dying}`).toEqual(clean);
      expect(await doubts(store)).toEqual([]);
    }
    expect(deaths).toBeGreaterThan(30);
  });

  it('may die while it holds the chain: whoever takes the chain back puts it in doubt again', async () => {
    const store = await doubtful();
    let isDead = false;
    const dying = new Proxy(store, {
      get: (target, name: keyof MemoryViews) => {
        const method = target[name] as (...values: unknown[]) => unknown;
        return (...values: unknown[]) => {
          isDead ||= name === 'put' && isCopy(values[0] as never);
          return isDead ? new Promise(() => undefined) : method(...values);
        };
      },
    });
    void sweep(dying);
    while (!isDead) await new Promise((resolve) => setImmediate(resolve));
    const held = fenceOf((await projectorOn(journal, store).cursorsOf([ref]))[0]);
    expect(held).toMatchObject({ held: {}, owed: true });

    const projector = projectorOn(journal, store, { now: () => NOW + SWEEP_EVERY_MS });
    const [cursor] = await projector.cursorsOf([ref]);
    const { fence } = await projector.project({ ref, images: [], target: cursor!.seq + 1, cursor: cursor! });
    expect(fence).toEqual({ generation: held.generation + 1, rebuilt: 0, doubt: true, taken: 1 });
  });

  it('has no time to look for late rows: the chain is owed until the next sweep has, which rebuilds nothing again', async () => {
    const store = await doubtful();
    let nowMs = NOW;
    const clock = { now: () => nowMs, ring: async () => void (nowMs += 61_000) };
    expect(await sweep(store, NOW, clock)).toEqual([]);
    expect(await doubts(store)).toEqual([ref.chain]);
    expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":1,"rebuilt":1,"owed":true}');
    expect(rowsOf(store)).toEqual(clean);
    let puts = 0;
    const put: RebuildStore['put'] = async () => void (puts += 1);
    expect(await sweep({ ...store, put }, NOW + SWEEP_EVERY_MS)).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(puts).toBe(0);
    expect(await doubts(store)).toEqual([]);
    expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":1,"rebuilt":1}');
    expect(store.dump()).toEqual(clean);
  });

  it('dies before it has looked for late rows: the next one finds them', async () => {
    const store = await doubtful();
    const key = accountKey(TENANT, accountId);
    const [old] = await store.get([key]);
    const tenant = () => new Promise<never>(() => undefined);
    const late = async () => {
      await store.put([{ key, doc: old }]);
    };
    void sweep({ ...store, tenant }, NOW, { ring: late });
    for (let turns = 0; turns < 1_000; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect((await store.raw(key))?.generation).toBe(0);
    expect(await sweep(store, NOW + SWEEP_EVERY_MS)).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(rowsOf(store)).toEqual(clean);
  });

  it('needs several sweeps to walk through a large table: each goes on where the last one ended', async () => {
    const store = await doubtful();
    const pages = Math.ceil(Object.keys(store.dump()).length / ROWS_A_PAGE);
    expect(pages).toBeGreaterThan(3);
    let nowMs = NOW;
    let walked = 0;
    const tenant: RebuildStore['tenant'] = async (tenantId, start) => {
      nowMs += 40_000; // a sweep has time for two
      walked += 1;
      const { rows } = await store.tenant(tenantId, start);
      const page = rows.slice(0, ROWS_A_PAGE);
      const last = rows.length > ROWS_A_PAGE ? page.at(-1) : undefined;
      return { rows: page, ...(last && { next: last.key }) };
    };
    const done: string[] = [];
    let count = 0;
    for (; (await doubts(store)).length > 0; count += 1) {
      expect(count).toBeLessThan(20);
      done.push(...(await sweep({ ...store, tenant }, nowMs, { now: () => nowMs })));
      nowMs += SWEEP_EVERY_MS;
    }
    expect(done).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(count).toBeGreaterThan(1);
    expect(walked).toBeLessThanOrEqual(2 * count);
    expect(store.dump()).toEqual(clean);
  });

  it('is not gone on with a day later, for its shadows may be gone', async () => {
    const store = await doubtful();
    let nowMs = NOW;
    await sweep(store, NOW, { now: () => nowMs, ring: async () => void (nowMs += 61_000) });
    await store.drop((await store.tenant(TENANT)).rows.map(({ key }) => key).filter(({ pk }) => pk.includes('-sweep')));
    expect(await sweep(store, NOW + 2 * 86_400_000)).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(rowsOf(store)).toEqual(clean);
    expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":2,"rebuilt":2}');
  });

  it('leaves alone what another one of the same day is at work on', async () => {
    const store = await doubtful();
    let goOn = (): void => undefined;
    let isWaiting = false;
    const put: RebuildStore['put'] = async (rows) => {
      if (isCopy(rows) && !isWaiting) {
        isWaiting = true;
        await new Promise<void>((resolve) => (goOn = resolve));
      }
      await store.put(rows);
    };
    const first = sweep({ ...store, put });
    while (!isWaiting) await new Promise((resolve) => setImmediate(resolve));
    expect(await sweep(store, NOW + 1_000)).toEqual([]);
    goOn();
    expect(await first).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(rowsOf(store)).toEqual(clean);
    expect((await store.raw(cursorKey(ref)))?.fence).toBe('{"generation":1,"rebuilt":1}');
  });

  it('cannot look for late rows: the chain stays in doubt, and no shadow is left', async () => {
    const store = await doubtful();
    const tenant = () => Promise.reject(new Error('no answer'));
    const failures: unknown[] = [];
    const failed = (...failure: unknown[]) => void failures.push(failure);
    expect(await sweep({ ...store, tenant }, NOW, { failed })).toEqual([]);
    expect(failures).toEqual([[ref, new Error('no answer')]]);
    expect(await doubts(store)).toEqual([ref.chain]);
    expect(Object.keys(store.dump()).filter(isShadow)).toEqual([]);
  });

  it('finds a commit that cannot be read: views end before it, and other chains are rebuilt', async () => {
    const store = await doubtful();
    const other = { tenantId: TENANT, chain: 'catalog' };
    await putInDoubt(store, other);
    const of: typeof journal = {
      ...journal,
      async *read(chain, options) {
        yield* journal.read(chain, options);
        if (chain.chain === ref.chain) throw new Error('Cannot unpack the body');
      },
    };
    const names = [ref, other].map(({ chain }) => `${TENANT}#chain#${chain}`);
    expect((await sweep(store, NOW, { of })).toSorted()).toEqual(names.toSorted());
    expect(await doubts(store)).toEqual([]);
    expect(store.dump()).toEqual(clean);
  });

  it('finds a commit that cannot be read any more: what the views have of it stays, and other chains are rebuilt', async () => {
    const store = await doubtful();
    const other = { tenantId: TENANT, chain: 'catalog' };
    await putInDoubt(store, other);
    const of: typeof journal = {
      ...journal,
      async *read(chain, options) {
        for await (const commit of journal.read(chain, options)) {
          if (chain.chain === ref.chain && commit.firstSeq > 3) throw new Error('Cannot unpack the body');
          yield commit;
        }
      },
    };
    const before = await store.raw(cursorKey(ref));
    const failures: string[] = [];
    const failed = ({ chain }: ChainRef, error: unknown) => void failures.push(`${chain} ${String(error)}`);
    expect(await sweep(store, NOW, { of, failed })).toEqual([`${TENANT}#chain#catalog`]);
    expect(failures).toEqual([expect.stringContaining(`${ref.chain} UnreadableCommitError: Cannot read the commit`)]);
    expect(await doubts(store)).toEqual([ref.chain]);
    expect((await store.raw(cursorKey(ref)))?.text).toBe(before?.text);
  });

  it('finds a chain that another rebuild holds: it does not wait for it, and other chains are rebuilt', async () => {
    const store = await doubtful();
    await putInDoubt(store, { tenantId: TENANT, chain: 'catalog' });
    const options = rebuildOptions(journal, store);
    const held = await holdChain(options, { ref, run: `${NOW}-other` });
    const sleep = () => Promise.reject(new Error('It waits'));
    expect(await sweep(store, NOW, { sleep })).toEqual([`${TENANT}#chain#catalog`]);
    await held?.giveUp();
    expect(await sweep(store, NOW + 1)).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(store.dump()).toEqual(clean);
  });

  it('has time for one tenant: which one that is changes from sweep to sweep', async () => {
    const refs = ['CU_A', 'CU_B', 'CU_C'].map((tenantId) => ({ tenantId, chain: '00' }));
    const firsts: string[] = [];
    for (const startMs of [NOW, NOW + 1, NOW + 2]) {
      let nowMs = startMs;
      const failed = ({ tenantId }: ChainRef) => {
        firsts.push(tenantId); // nobody knows of it; it takes all of the time to find that out
        nowMs += 61_000;
      };
      const options = rebuildOptions(journal, createMemoryViews(), { now: () => nowMs });
      expect(await rebuildChains(refs, { ...options, failed, unique: () => 'sweep' })).toEqual([]);
    }
    expect(firsts.toSorted()).toEqual(['CU_A', 'CU_B', 'CU_C']);
  });

  it('finds a late row when its time is over: the chain stays in doubt', async () => {
    const store = await doubtful();
    const key = accountKey(TENANT, accountId);
    const [old] = await store.get([key]);
    let nowMs = NOW;
    const tenant: RebuildStore['tenant'] = async (...walk) => {
      nowMs += 61_000;
      return store.tenant(...walk);
    };
    const clock = { now: () => nowMs, ring: () => store.put([{ key, doc: { ...old, balanceMinor: 1 } }]) };
    expect(await sweep({ ...store, tenant }, NOW, clock)).toEqual([]);
    expect(await doubts(store)).toEqual([ref.chain]);
    expect(await sweep(store, NOW + SWEEP_EVERY_MS)).toEqual([`${TENANT}#chain#${ref.chain}`]);
    expect(rowsOf(store)).toEqual(clean);
  });

  it('finds a late row over one of a chain that an earlier run rebuilt: it is not deleted, and that chain is rebuilt too', async () => {
    const store = createMemoryViews();
    await catchUp(journal, store);
    const key = accountKey(TENANT, accountId);
    const [old] = await store.get([key]);
    await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: `${NOW}-before` });
    await store.put([{ key, doc: { ...old, balanceMinor: 1 } }]);
    await putInDoubt(store, { tenantId: TENANT, chain: 'catalog' });
    const removed: string[] = [];
    const remove: RebuildStore['remove'] = async (row) => {
      removed.push(row.key.pk);
      return store.remove(row);
    };
    const names = [ref.chain, 'catalog'].map((chain) => `${TENANT}#chain#${chain}`);
    expect((await sweep({ ...store, remove })).toSorted()).toEqual(names.toSorted());
    expect(removed).toEqual([]);
    expect(await doubts(store)).toEqual([]);
    expect(store.dump()).toEqual(clean);
  });

  it('finds a row that is older than its chain, of which an earlier run left nothing: it is deleted when that chain is rebuilt', async () => {
    const store = createMemoryViews();
    await catchUp(journal, store);
    await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: `${NOW}-before` });
    await store.put([{ key: accountKey(TENANT, `acc_${ref.chain}_0000000000000000`), doc: { seq: 1 } }]);
    await putInDoubt(store, { tenantId: TENANT, chain: 'catalog' });
    await sweep(store);
    expect(await doubts(store)).toEqual([]);
    expect(store.dump()).toEqual(clean);
  });
});
