import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChainRef } from '../../src/core/chain/name.ts';
import type { Commit, Journal, TenantRegistry } from '../../src/journal/port.ts';
import { accountKey } from '../../src/views/keys.ts';
import { fenceOf, StaleRowError } from '../../src/views/projection/fence.ts';
import { readCursors } from '../../src/views/queries/read-cursors.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import { beginRebuild, rebuildTenant } from '../../src/views/rebuild/rebuild-tenant.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { type BankMonth, bankMonth } from '../support/bank-month.ts';
import { commitsOf, createWitness, projectChain, projectorOn } from '../support/deliveries.ts';
import { gatewayOn, move, sendBatch } from '../support/ledger.ts';
import {
  catchUp,
  cleanRows,
  copyOf,
  createTurns,
  inEveryWay,
  NOW,
  rebuildAll,
  rebuildOptions,
} from '../support/rebuilds.ts';

const TENANT = 'CU_TEST';
const HOUR_MS = 3_600_000;

/**
 * Two or three who write the rows of a chain, in every order in which the things that they do there can fall. One of them was
 * computed from a damaged row, before the rebuild began.
 */
describe('rows of a chain that several write at once', () => {
  let journal: Journal & TenantRegistry;
  let month: BankMonth;
  let clean: Record<string, unknown>;
  let ref: ChainRef;
  let accountId: string;
  let own: Commit[];
  let begun: MemoryViews;

  beforeAll(async () => {
    month = await bankMonth({ members: 3, entries: 40 });
    journal = month.journal;
    clean = await cleanRows(journal, TENANT);
    accountId = month.members[0]!.accountId;
    ref = { tenantId: TENANT, chain: accountId.slice(4, 6) };
    own = (await commitsOf(journal, TENANT)).filter(({ chain }) => chain === ref.chain);
    expect(own.length).toBeGreaterThan(4);
    begun = await damaged(2);
  });

  /** Views of which all but one chain are up to date, and that chain a part of the way, with a row that is wrong. */
  async function damaged(upTo: number): Promise<MemoryViews> {
    const store = createMemoryViews();
    await catchUp(journal, store);
    const rows = await rowsOfChain(store);
    await store.drop(rows);
    await projectTo(store, upTo);
    const key = accountKey(TENANT, accountId);
    const [row] = await store.get([key]);
    await store.put([{ key, doc: { ...row!, balanceMinor: row!.balanceMinor + 1 } }]);
    return store;
  }
  const rowsOfChain = async (store: RebuildStore) =>
    (await store.tenant(TENANT)).rows
      .map(({ key }) => key)
      .filter(
        ({ pk, sk }) => pk.includes(`_${ref.chain}_`) || pk.endsWith(`#${ref.chain}`) || sk.startsWith(ref.chain),
      );
  const projectTo = (store: RebuildStore, commit: number, monitor = createWitness()) => {
    const images = own.slice(0, commit);
    return projectChain(projectorOn(journal, store, { monitor }), { ref, images, target: images.at(-1)?.lastSeq ?? 0 });
  };
  /** A round that finds that others had the rows in hand, or have left old ones, fails: the stream delivers again. */
  const again = (round: Promise<unknown>) =>
    round.catch((error: unknown) => {
      if (!(error instanceof StaleRowError || (error instanceof Error && error.name === 'OvertakenError'))) throw error;
    });
  /** What is still in doubt is rebuilt, as the sweep does; then all is projected. */
  async function settle(store: MemoryViews): Promise<void> {
    const [cursor] = await projectorOn(journal, store).cursorsOf([ref]);
    if (fenceOf(cursor).doubt)
      await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: `${NOW}-again` });
    await catchUp(journal, store);
  }
  /** Nobody else looks into a shadow or at the other chains. */
  const ofTheChain = (method: keyof RebuildStore, [first]: readonly unknown[]): boolean => {
    const of = JSON.stringify(first);
    if (method === 'partition' || of.includes('#rebuild#')) return false;
    return method !== 'raw' || of.includes(`"${ref.chain}"`);
  };
  /** What is read just before a write goes with it: so that all orders can be gone through. */
  const writes = (method: keyof RebuildStore, values: readonly unknown[]): boolean =>
    ['put', 'advance', 'replace'].includes(method) && ofTheChain(method, values);
  const rebuild = async (store: RebuildStore, run: string, changes = {}) => {
    const options = rebuildOptions(journal, store, changes);
    // Only the chain at hand, so that the orders can be counted.
    let state = { ...(await beginRebuild(options, { tenantId: TENANT, run })), chains: [ref.chain] };
    for (let done = false; !done;) ({ done, state } = await rebuildTenant(options, { state, untilMs: Infinity }));
  };

  it('two projections: in every order the rows are those of one, and none finds a breach', async () => {
    const monitor = createWitness();
    const ways = await inEveryWay(async (choose) => {
      const store = createMemoryViews();
      await projectTo(store, 1);
      const turns = createTurns((waiting) => ({ caller: waiting[choose(waiting.length)]! }));
      await turns.run(
        [
          projectTo(turns.storeOf('short', store, writes), 3, monitor),
          (async () => {
            await projectTo(turns.storeOf('long', store, writes), 4, monitor);
            await projectTo(turns.storeOf('long', store, writes), own.length, monitor);
          })(),
        ].map(again),
      );
      await settle(store);
      expect(store.dump()).toEqual(clean);
    });
    expect(ways).toBeGreaterThan(30);
    expect(monitor.breaches).toEqual([]);
  });

  it('a projection that began before a rebuild: in every order the rows are the right ones', async () => {
    let doubts = 0;
    const ways = await inEveryWay(async (choose) => {
      const store = await copyOf(begun, TENANT);
      const turns = createTurns((waiting) => ({ caller: waiting[waiting.length > 1 ? choose(waiting.length) : 0]! }));
      await turns.run([
        again(projectTo(turns.storeOf('late', store, writes), own.length)),
        rebuild(turns.storeOf('rebuild', store, writes), `${NOW}-one`),
      ]);
      if (fenceOf((await projectorOn(journal, store).cursorsOf([ref]))[0]).doubt) doubts += 1;
      await settle(store);
      expect(store.dump()).toEqual(clean);
    });
    expect(ways).toBeGreaterThan(50);
    expect(doubts).toBeGreaterThan(0);
    expect(doubts).toBeLessThan(ways);
  });

  it('two rebuilds and two projections: in orders by chance, the rows are the right ones in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat({ max: 99 })), async (dice) => {
        const rolls = dice[Symbol.iterator]();
        const store = await copyOf(begun, TENANT);
        const turns = createTurns((waiting) => ({ caller: waiting[rolls.next().value % waiting.length]! }));
        const sleep = (caller: string) => ({ sleep: () => turns.take(caller) });
        await turns.run([
          again(projectTo(turns.storeOf('late', store, ofTheChain), 3)),
          again(projectTo(turns.storeOf('later', store, ofTheChain), own.length)),
          rebuild(turns.storeOf('rebuild', store, ofTheChain), `${NOW}-one`, sleep('rebuild')),
          rebuild(turns.storeOf('another', store, ofTheChain), `${NOW}-two`, sleep('another')),
        ]);
        await settle(store);
        expect(store.dump()).toEqual(clean);
      }),
      { numRuns: 40 },
    );
  });

  it('a rebuild that dies between any two things it does: projections go on, and the next rebuild ends it', async () => {
    let deaths = 0;
    for (let dying = 0; ; dying += 1) {
      const store = await copyOf(begun, TENANT);
      let things = 0;
      const turns = createTurns(([caller = '']) => ({ caller, dies: caller === 'rebuild' && things++ === dying }));
      await turns.run([rebuild(turns.storeOf('rebuild', store), `${NOW}-one`)]);
      if (things <= dying) break;
      deaths += 1;

      // By then nobody holds the chain any more.
      const now = () => NOW + HOUR_MS;
      await catchUp(journal, store, projectorOn(journal, store, { now }));
      const cursors = await readCursors(store, TENANT);
      expect(cursors.get(ref.chain)?.seq).toBe(own.at(-1)?.lastSeq);
      // The same rebuild goes on, or another one begins.
      await rebuildAll(rebuildOptions(journal, store, { now }), {
        tenantId: TENANT,
        run: dying % 2 === 0 ? `${NOW}-one` : `${NOW}-two`,
      });
      if (dying % 2 === 0) expect(store.dump()).toEqual(clean);
      const left = Object.entries(store.dump()).filter(([key]) => !key.includes('#rebuild#'));
      expect(Object.fromEntries(left)).toEqual(clean);
    }
    expect(deaths).toBeGreaterThan(30);
  });

  it.each([
    ['another one rebuilds it before this one looks for late rows', 1, [`${NOW}-two`]],
    ['nobody else does', 0, []],
  ])('a late row of an event that came after a rebuild is not deleted, where %s', async (_, generation, others) => {
    const other = await bankMonth({ members: 3, entries: 40 });
    const store = createMemoryViews();
    await catchUp(other.journal, store);
    const pages = async () =>
      (await store.tenant(TENANT)).rows.filter(({ key }) => key.pk.includes(accountId) && key.sk.startsWith('page#'));
    const before = (await pages()).length;
    const to = other.members[1]!.accountId;
    // As soon as the chain is let go: a page of a statement is filled, others rebuild, and somebody dies who was late with the page.
    const ring = async () => {
      const moves = Array.from({ length: 40 }, (__, number) => move(accountId, to, 0.01, { id: `late ${number}` }));
      await sendBatch(gatewayOn(other.journal), moves);
      await catchUp(other.journal, store);
      for (const run of others) await rebuildAll(rebuildOptions(other.journal, store), { tenantId: TENANT, run });
      const { key, text = '' } = (await pages()).at(-1)!;
      await store.put([{ key, doc: JSON.parse(text) as unknown, generation }]);
    };
    let rings = 0;
    const options = rebuildOptions(other.journal, store, {
      ring: async () => void ((rings += 1) === 1 && (await ring())),
    });
    let state = { ...(await beginRebuild(options, { tenantId: TENANT, run: `${NOW}-one` })), chains: [ref.chain] };
    for (let done = false; !done;) ({ done, state } = await rebuildTenant(options, { state, untilMs: Infinity }));
    expect((await pages()).length).toBeGreaterThan(before);
    expect(state).toMatchObject({ removed: 0, repeats: 1 });
    expect(store.dump()).toEqual(await cleanRows(other.journal, TENANT));
  });

  it('a row that nobody was left to put right is found when it is read, and the chain is rebuilt', async () => {
    const store = createMemoryViews();
    await catchUp(journal, store);
    const key = accountKey(TENANT, accountId);
    const [old] = await store.get([key]);
    await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: `${NOW}-one` });
    // As a round would that had begun before the rebuild, and died right after this.
    await store.put([{ key, doc: { ...old!, balanceMinor: 1 } }]);
    const to = month.members[1]!.accountId;
    await sendBatch(gatewayOn(journal), [move(accountId, to, 1, { id: 'one more' })]);
    await expect(catchUp(journal, store)).rejects.toThrow('was written before its chain was rebuilt');
    await settle(store);
    expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
  });
});
