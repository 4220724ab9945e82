import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyDigest } from '../../src/views/digests/digest-copies.ts';
import { accountKey, cursorKey, customerKey, ledgerKey, listPageKey, statementPageKey } from '../../src/views/keys.ts';
import { fenceOf } from '../../src/views/projection/fence.ts';
import { readCursors } from '../../src/views/queries/read-cursors.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import { beginRebuild, rebuildTenant } from '../../src/views/rebuild/rebuild-tenant.ts';
import type { Row, RowKey } from '../../src/views/row.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { type BankMonth, bankMonth } from '../support/bank-month.ts';
import { projectorOn } from '../support/deliveries.ts';
import { gatewayOn, move, sendBatch } from '../support/ledger.ts';
import { catchUp, cleanRows, farAway, headsOfNothing, NOW, rebuildAll, rebuildOptions } from '../support/rebuilds.ts';
import { VIEWS_ENGINES, type ViewsEngine } from '../support/views.ts';

const TENANT = 'CU_TEST';
const RUN = `${NOW}-one`;
const DIGEST = {
  tenant: TENANT,
  number: 1,
  statement: '{}',
  signature: Buffer.from([1]),
  key: '0123456789abcdef',
  publicKey: 'PEM',
  heads: headsOfNothing(TENANT),
  periods: [],
};

describe.each(Object.keys(VIEWS_ENGINES))('a rebuild on %s', (name) => {
  let engine: ViewsEngine;
  let month: BankMonth;
  let clean: Record<string, unknown>;

  beforeAll(async () => {
    engine = await (VIEWS_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
    month = await bankMonth({ members: 6, entries: 120 });
    clean = await cleanRows(month.journal, TENANT);
  });
  afterAll(() => engine.stop());

  async function projected(): Promise<RebuildStore> {
    const store = await engine.fresh();
    await catchUp(month.journal, store);
    return store;
  }

  it('changes nothing where nothing is wrong, and says what it did', async () => {
    const store = await projected();
    const state = await rebuildAll(rebuildOptions(month.journal, store), { tenantId: TENANT, run: RUN });
    expect(await engine.dump(store)).toEqual(clean);
    expect(state).toMatchObject({ rebuilt: 17, removed: 0, repeats: 0, chains: [] });
    expect(state.rows + chainsWithCursor(clean)).toBe(Object.keys(clean).length);
  });

  it('makes the views of a table that has none', async () => {
    const store = await engine.fresh();
    await rebuildAll(rebuildOptions(month.journal, store), { tenantId: TENANT, run: RUN });
    expect(await engine.dump(store)).toEqual(clean);
  });

  it('mends rows that are wrong or missing and deletes those that nobody calls for, of this tenant only', async () => {
    const store = await projected();
    await copyDigest(store, DIGEST);
    const accountId = month.members[0]!.accountId;
    const chain = accountId.slice(4, 6);
    const ref = { tenantId: TENANT, chain };
    const ghost = `acc_${chain}_0000000000000000`;
    const other = { key: { pk: 'CU_TEST_2#account#acc_00_1', sk: 'account' }, doc: { seq: 1 } };
    const damaged: Row[] = [
      {
        key: accountKey(TENANT, accountId),
        doc: { ...(clean[`${TENANT}#account#${accountId} account`] as object), balanceMinor: 1 },
      },
      { key: statementPageKey({ tenantId: TENANT, accountId, page: 0 }), doc: { references: '' } },
      { key: listPageKey(ref, 'accounts', 0), doc: { ids: [] } },
    ];
    const missing: RowKey[] = [customerKey(TENANT, month.members[0]!.customerId), listPageKey(ref, 'customers', 0)];
    const extra: Row[] = [
      { key: accountKey(TENANT, ghost), doc: { seq: 1_000_000, accountId: ghost, balanceMinor: 5 } },
      { key: statementPageKey({ tenantId: TENANT, accountId, page: 900 }), doc: { references: '1+1' } },
      { key: ledgerKey(ref, 77), doc: { seq: 1, lines: {} } },
      { key: accountKey(TENANT, 'acc_98_0000000000000000'), doc: {} },
      { key: { pk: `${TENANT}#cursor`, sk: '97' }, doc: { seq: 3 } },
      { key: { pk: `${TENANT}#mystery`, sk: 'row' }, doc: {} },
      { key: { pk: `${TENANT}#rebuild#1-gone#${chain}`, sk: '1 x y' }, doc: {} },
    ];
    await store.put([...damaged, ...extra, other]);
    await store.drop(missing);
    const before = await engine.dump(store);
    expect(before).not.toEqual(clean);

    const state = await rebuildAll(rebuildOptions(month.journal, store), { tenantId: TENANT, run: RUN });
    const after = await engine.dump(store);
    const kept = new Set(['CU_TEST#digest', 'CU_TEST_2#account#acc_00_1']);
    const isKept = (key: string) => kept.has(key.split(' ')[0]!);
    expect(Object.fromEntries(Object.entries(after).filter(([key]) => !isKept(key)))).toEqual(clean);
    expect(Object.fromEntries(Object.entries(after).filter(([key]) => isKept(key)))).toEqual(
      Object.fromEntries(Object.entries(before).filter(([key]) => isKept(key))),
    );
    expect(state).toMatchObject({ removed: extra.length, repeats: 0 });
  });

  it('deletes no row that was written once more after it was read, be it the very same', async () => {
    const store = await projected();
    const key = accountKey(TENANT, month.members[0]!.accountId);
    const read = (await store.raw(key))!;
    const doc = JSON.parse(read.text ?? '') as unknown;
    await store.put([{ key, doc, generation: 2 }]);
    expect(await store.remove(read)).toBe(false);
    const now = (await store.raw(key))!;
    expect(now.text).toBe(read.text);
    expect(await store.remove(now)).toBe(true);
    expect(await store.raw(key)).toBeUndefined();
  });

  it.each([
    ['is no cursor', { nonsense: true }],
    ['is ahead of the journal', { seq: 1_000_000, hash: 'f'.repeat(64), counts: {}, ledgerLines: {}, ledgerRows: 3 }],
    ['is gone', undefined],
  ])('mends a cursor that %s', async (_, doc) => {
    const store = await projected();
    const key = cursorKey({ tenantId: TENANT, chain: month.members[0]!.accountId.slice(4, 6) });
    if (doc) await store.put([{ key, doc }]);
    else await store.drop([key]);
    await rebuildAll(rebuildOptions(month.journal, store), { tenantId: TENANT, run: RUN });
    expect(await engine.dump(store)).toEqual(clean);
    await catchUp(month.journal, store);
    expect(await engine.dump(store)).toEqual(clean);
  });

  it('goes on step by step, each as short as can be', async () => {
    const store = await projected();
    await store.put([{ key: accountKey(TENANT, month.members[0]!.accountId), doc: { seq: 1_000_000 } }]);
    // Each look at the time is later than the end of the step, and still within the hold.
    let now = NOW;
    const options = rebuildOptions(month.journal, store, { now: () => (now += 1), roundMaxEvents: 20 });
    let state = await beginRebuild(options, { tenantId: TENANT, run: RUN });
    let steps = 0;
    for (let done = false; !done; steps += 1) {
      // What goes from one step to the next goes as JSON.
      ({ done, state } = await rebuildTenant(options, {
        state: JSON.parse(JSON.stringify(state)) as typeof state,
        untilMs: now,
      }));
      expect(steps).toBeLessThan(1_000);
    }
    expect(steps).toBeGreaterThan(17);
    expect(await engine.dump(store)).toEqual(clean);
  });

  it('gives the rows of a fresh projection while commands keep arriving, also by a projection that remembers old rows', async () => {
    const { journal, members } = await bankMonth({ members: 6, entries: 60, seed: 3 });
    const store = await engine.fresh();
    const projector = projectorOn(journal, store);
    await catchUp(journal, store, projector);
    const victim = members[0]!.accountId;
    await store.put([
      {
        key: accountKey(TENANT, victim),
        doc: {
          ...((await cleanRows(journal, TENANT))[`${TENANT}#account#${victim} account`] as object),
          balanceMinor: -1,
        },
      },
    ]);

    const gateway = gatewayOn(journal);
    let isOver = false;
    let rounds = 0;
    const living = async () => {
      for (let index = 0; !isOver; index += 1) {
        const [from, to] = [members[index % 6]!, members[(index * 5 + 1) % 6]!];
        if (from !== to)
          await sendBatch(gateway, [move(from.accountId, to.accountId, 1, { id: `meanwhile ${index}` })]);
        // Refused where the chain was rebuilt meanwhile: the stream would deliver again.
        await catchUp(journal, store, projector).catch((error: unknown) => {
          if (!(error instanceof Error && error.name === 'OvertakenError')) throw error;
        });
        rounds += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const life = living();
    for (const run of [RUN, `${NOW}-two`])
      await rebuildAll(rebuildOptions(journal, farAway(store), { roundMaxEvents: 15 }), {
        tenantId: TENANT,
        run,
      });
    isOver = true;
    await life;
    // As the sweep does, which rebuilds chains in doubt.
    const cursors = await readCursors(store, TENANT);
    if ([...cursors.values()].some((cursor) => fenceOf(cursor).doubt))
      await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: `${NOW}-sweep` });
    await catchUp(journal, store, projector);
    expect(rounds).toBeGreaterThan(5);
    expect(await engine.dump(store)).toEqual(await cleanRows(journal, TENANT));
  });

  it('can be done twice at the same time', async () => {
    const store = await projected();
    await store.put([{ key: accountKey(TENANT, month.members[1]!.accountId), doc: { seq: 9 } }]);
    const runs = ['one', 'two', 'three'].map((unique) =>
      rebuildAll(rebuildOptions(month.journal, store), { tenantId: TENANT, run: `${NOW}-${unique}` }),
    );
    for (const state of await Promise.all(runs)) expect(state.chains).toEqual([]);
    expect(await engine.dump(store)).toEqual(clean);
  });
});

it('says when there is no such tenant', async () => {
  const { journal } = await bankMonth({ members: 2, entries: 1 });
  const options = rebuildOptions(journal, createMemoryViews());
  await expect(rebuildAll(options, { tenantId: 'CU_NONE', run: RUN })).rejects.toThrow(
    'Cannot rebuild the views of tenant "CU_NONE": there is no such tenant',
  );
});

function chainsWithCursor(rows: Record<string, unknown>): number {
  return Object.keys(rows).filter((key) => key.startsWith(`${TENANT}#cursor `)).length;
}
