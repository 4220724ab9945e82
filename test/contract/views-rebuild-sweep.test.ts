import { beforeAll, describe, expect, it } from 'vitest';
import { rebuildChains } from '../../lambdas/sweep/rebuild.ts';
import type { ChainRef } from '../../src/core/chain/name.ts';
import type { Journal, TenantRegistry } from '../../src/journal/port.ts';
import { accountKey, cursorKey } from '../../src/views/keys.ts';
import { fenceOf, underFence } from '../../src/views/projection/fence.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { bankMonth } from '../support/bank-month.ts';
import { projectorOn } from '../support/deliveries.ts';
import { catchUp, cleanRows, createTurns, NOW, rebuildOptions } from '../support/rebuilds.ts';

const TENANT = 'CU_TEST';
const SWEEP_EVERY_MS = 300_000;

/** Chains that a round which was overtaken has left in doubt, with a row that is wrong; nobody but the sweep mends it. */
describe('a sweep that finds a chain in doubt', () => {
  let journal: Journal & TenantRegistry;
  let clean: Record<string, unknown>;
  let ref: ChainRef;
  let accountId: string;

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
  async function sweep(store: RebuildStore, nowMs = NOW): Promise<string[]> {
    const now = () => nowMs;
    const found = (await doubts(store)).map((chain) => ({ tenantId: TENANT, chain }));
    await catchUp(journal, store, projectorOn(journal, store, { now }));
    return rebuildChains(found, rebuildOptions(journal, store, { now }));
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
    await sweep({ ...store, put }).catch(() => undefined);
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
    const { fence } = await projector.project({ ref, images: [], target: Infinity, cursor: cursor! });
    expect(fence).toEqual({ generation: held.generation + 1, rebuilt: 0, doubt: true });
  });
});
