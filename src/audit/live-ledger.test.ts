import { describe, expect, it } from 'vitest';
import type { ProductTerms } from '../contract/events.ts';
import { audit } from './audit.ts';
import type { AuditSource, StoredItem } from './source.ts';
import { openTestBank } from './testing/bank.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

/** A clock that goes only by sleeping. */
function sleepingClock(onSleep: (sleptMs: number) => Promise<void> = async () => {}) {
  let slept = 0;
  return {
    nowMs: () => slept,
    sleep: async (ms: number) => {
      slept += ms;
      await onSleep(slept);
    },
  };
}

/** A journal that shows its early items to so many queries of chains, and all of them to the later ones. */
function growing(tables: { early: StoredItem[]; late: StoredItem[]; views: StoredItem[]; earlyReads: number }) {
  const [early, late] = [tables.early, tables.late].map((journal) => memorySource({ journal, views: tables.views }));
  if (!early || !late) throw new Error('Two journals make two sources');
  let reads = 0;
  const source: AuditSource = {
    ...late,
    chainItems: (pk, options) => (reads++ < tables.earlyReads ? early : late).chainItems(pk, options),
  };
  return source;
}

describe('an account opened while the journal is read', () => {
  const flex: ProductTerms = {
    productCode: 'FLEX',
    name: 'FLEX',
    productType: 'DEPOSIT',
    status: 'ACTIVE',
    interest: { rate: 0 },
    constraints: { allowOverdraft: true, overdraftLimitMinor: 100_00 },
  };
  const moments = Array.from({ length: 10 }, (_, earlyReads) => earlyReads);

  it.each(moments)('may be of a product that is as young (%i queries before)', async (earlyReads) => {
    const { bank, jane } = openTestBank();
    const early = bank.items();
    bank.product('FLEX', flex);
    bank.open(jane, { productCode: 'FLEX', terms: { floorMinor: -100_00 } });
    const source = growing({ early, late: bank.items(), views: await projectViews(early), earlyReads });
    const { tenants } = await audit({ source, waitMs: 0 });
    expect(tenants[0]?.invariants.TENANT_ISOLATION.evidence).toEqual([]);
    expect(tenants[0]?.invariants.ACCOUNT_CONSTRAINTS.evidence).toEqual([]);
  });

  it.each(moments)('may have the terms of a version that is as young (%i queries before)', async (earlyReads) => {
    const { bank, jane } = openTestBank();
    bank.product('FLEX', { ...flex, constraints: {} });
    const early = bank.items();
    bank.command('catalog', 'UpsertProduct', () => [{ type: 'ProductUpdated', entityId: 'FLEX', payload: flex }]);
    bank.open(jane, { productCode: 'FLEX', terms: { floorMinor: -100_00 } });
    const source = growing({ early, late: bank.items(), views: await projectViews(early), earlyReads });
    const { tenants } = await audit({ source, waitMs: 0 });
    expect(tenants[0]?.invariants.ACCOUNT_CONSTRAINTS.evidence).toEqual([]);
  });
});

describe('an entry between chains', () => {
  it('may be on one chain only when that was read, even in the views: the other chain is read on at last', async () => {
    const { bank, spending, other } = openTestBank();
    const early = bank.items();
    bank.post({ [spending]: -1_00, [other]: 1_00 });
    const late = bank.items();
    const between = [...late.filter(({ pk }) => pk !== 'CU_TEST#chain#00'), ...early.filter(isOfChain00)];
    // The catalog and chain 00 are read before the entry, chain 01 after it; the views have only the half on chain 01.
    const source = growing({ early, late, views: await projectViews(between), earlyReads: 2 });
    const { tenants, invariants } = await audit({ source, waitMs: 0 });
    expect(tenants[0]?.views.state).toBe('compared');
    expect(Object.values(invariants).map(({ breaches }) => breaches)).toEqual([0, 0, 0, 0, 0]);
    expect(tenants[0]?.statistics.entries).toBe(5);
  });
});

const isOfChain00 = ({ pk }: StoredItem): boolean => pk === 'CU_TEST#chain#00';

/** A ledger in use: during every scan of the views, and every few other reads of them, another entry is posted and projected. */
async function busyLedger(readsAnEntry: number, damage: (views: StoredItem[]) => StoredItem[] = (views) => views) {
  const { bank, spending, ...ids } = openTestBank();
  let tables = memorySource({ journal: bank.items(), views: damage(await projectViews(bank.items())) });
  const pay = async (): Promise<void> => {
    bank.post({ [spending]: -1, GL_CARD_CLEARING: 1 });
    const journal = bank.items();
    tables = memorySource({ journal, views: damage(await projectViews(journal)) });
  };
  let reads = 0;
  const source: AuditSource = {
    tenants: () => tables.tenants(),
    chainItems: (pk, options) => tables.chainItems(pk, options),
    otherItems: (options) => tables.otherItems(options),
    async *viewRows(options) {
      const seen = new Set<string>();
      for await (const page of tables.viewRows(options)) {
        for (const { pk, sk } of page) seen.add(`${String(pk)} ${String(sk)}`);
        yield page;
        break;
      }
      await pay();
      for await (const page of tables.viewRows(options))
        yield page.filter(({ pk, sk }) => !seen.has(`${String(pk)} ${String(sk)}`));
    },
    async viewPartition(pk) {
      reads += 1;
      if (reads % readsAnEntry === 0) await pay();
      return tables.viewPartition(pk);
    },
    viewPages: (pk) => tables.viewPages(pk),
    viewRow: (pk, sk) => tables.viewRow(pk, sk),
  };
  return { source, ...ids };
}

describe('views that change while they are read', () => {
  it.each([3, 4, 5, 6, 7])('are compared all the same, row by row (an entry every %i reads)', async (reads) => {
    const { source } = await busyLedger(reads);
    const { tenants, invariants } = await audit({ source, clock: sleepingClock() });
    expect(tenants[0]?.views).toMatchObject({ state: 'compared', rows: 20 });
    expect(invariants.DERIVED_BALANCES.breaches).toBe(0);
  });

  it('are given up on when every read finds them changed', async () => {
    const { source } = await busyLedger(1);
    const { tenants, invariants } = await audit({ source, waitMs: 3_000, clock: sleepingClock() });
    expect(tenants[0]?.views).toMatchObject({ state: 'moving', waitedMs: 3_000 });
    expect(invariants.DERIVED_BALANCES.breaches).toBe(0);
  });

  it.each([
    ['a wrong row', 'balance', /account: balanceMinor is 7/],
    ['a row that is too much', 'extra', /calls for no such row/],
    ['a row that is missing', 'none', /is missing/],
  ])('hide no breach: %s is found', async (_name, change, reason) => {
    let target = '';
    const { source, saver } = await busyLedger(4, (views) => {
      const row = views.find(({ pk, sk }) => pk === `CU_TEST#account#${target}` && sk === 'account');
      if (change === 'extra') return [...views, { pk: 'CU_TEST#account#acc_00_extra', sk: 'page#000009', doc: '{}' }];
      if (change === 'none') return views.filter((each) => each !== row);
      return views.map((each) =>
        each === row ? { ...each, doc: String(each['doc']).replace(/"balanceMinor":\d+/, '"balanceMinor":7') } : each,
      );
    });
    target = saver;
    for (let read = 0; read < 4; read += 1) await source.viewPartition('CU_TEST#none'); // An entry brings the damage.
    const { tenants } = await audit({ source, clock: sleepingClock() });
    expect(tenants[0]?.views.state).toBe('compared');
    expect(tenants[0]?.invariants.DERIVED_BALANCES).toMatchObject({
      breaches: 1,
      evidence: [{ reason: expect.stringMatching(reason) as unknown }],
    });
  });

  it('may be ahead of their cursor for a moment: rows are written first', async () => {
    const { bank, spending } = openTestBank();
    const early = bank.items();
    bank.post({ [spending]: -1_00, GL_CARD_CLEARING: 1_00 });
    const late = bank.items();
    const [before, after] = [await projectViews(early), await projectViews(late)];
    const isCursor = ({ pk }: StoredItem): boolean => pk === 'CU_TEST#cursor';
    const views = [...after.filter((item) => !isCursor(item)), ...before.filter(isCursor)];
    const source = growing({ early, late, views, earlyReads: 4 });
    const clock = sleepingClock(async (sleptMs) => {
      if (sleptMs >= 300) views.splice(0, views.length, ...after);
    });
    const { tenants, invariants } = await audit({ source, clock });
    expect(tenants[0]?.views).toMatchObject({ state: 'compared', waitedMs: 300 });
    expect(invariants.DERIVED_BALANCES.breaches).toBe(0);
  });
});
