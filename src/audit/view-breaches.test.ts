import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import type { StoredItem } from './source.ts';
import { openTestBank } from './testing/bank.ts';
import { breachesOf } from './testing/breaches.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

const { bank, spending, jane, other } = openTestBank();
/** Enough entries for full pages of the statement. */
for (let number = 0; number < 40; number += 1) bank.post({ GL_SALARY: -number - 1, [spending]: number + 1 });
const journal = bank.items();
const clean = await projectViews(journal);

const row = (pk: string, sk: string): StoredItem => {
  const found = clean.find((item) => item['pk'] === `CU_TEST#${pk}` && item['sk'] === sk);
  if (!found) throw new Error(`No row ${pk} / ${sk}`);
  return found;
};
/** Changes the text of one row's document. */
const edit = (old: StoredItem, from: string | RegExp, to: string): StoredItem[] => {
  const doc = String(old['doc']).replace(from, to);
  if (doc === old['doc']) throw new Error(`Nothing to change in ${doc}`);
  return clean.map((item) => (item === old ? { ...old, doc } : item));
};
const without = (old: StoredItem): StoredItem[] => clean.filter((item) => item !== old);

describe('views in order', () => {
  it('draw no breach, with more than one page of everything that has pages', async () => {
    expect(await breachesOf(journal, clean)).toEqual({});
    expect(clean.filter((item) => String(item['sk']).startsWith('page#')).length).toBeGreaterThan(1);
  });
});

describe('DERIVED_BALANCES', () => {
  it.each<[string, () => StoredItem[], RegExp]>([
    [
      'a wrong balance',
      () => edit(row(`account#${spending}`, 'account'), /"balanceMinor":\d+/, '"balanceMinor":1'),
      /balanceMinor is 1, the journal gives 13260/,
    ],
    [
      'a wrong count of events',
      () => edit(row(`account#${spending}`, 'account'), /"eventCount":\d+/, '"eventCount":1'),
      /eventCount is 1/,
    ],
    ['a wrong status', () => edit(row(`account#${spending}`, 'account'), 'ACTIVE', 'CLOSED'), /status is "CLOSED"/],
    [
      'a field that is missing',
      () => edit(row(`account#${spending}`, 'account'), '"ceilingMinor":null,', ''),
      /ceilingMinor is nothing, the journal gives null/,
    ],
    [
      'a field that is too much',
      () => edit(row(`account#${spending}`, 'account'), '{', '{"note":1,'),
      /note is 1, the journal gives nothing/,
    ],
    [
      'a wrong amount in a statement',
      () => edit(row(`account#${spending}`, 'page#000001'), /(:\d{4}-\d\d-\d\d:)-?\d+/, '$11'),
      /page#000001: Its document/,
    ],
    [
      'a page of a statement that is missing',
      () => without(row(`account#${spending}`, 'page#000000')),
      /page#000000 is missing/,
    ],
    [
      'a page of a statement that is too much',
      () => [...clean, { ...row(`account#${spending}`, 'page#000000'), sk: 'page#000009' }],
      /calls for no such row/,
    ],
    ['an account that is missing', () => without(row(`account#${other}`, 'account')), /account is missing/],
    ['a customer that is missing', () => without(row(`customer#${jane}`, 'customer')), /customer is missing/],
    [
      'a changed customer',
      () => edit(row(`customer#${jane}`, 'customer'), 'Smith', 'Smythe'),
      /profile is not what the journal gives/,
    ],
    ['a changed product', () => edit(row('product#TXN', 'product'), '"version":1', '"version":2'), /version is 2/],
    ['a list that misses an id', () => edit(row('accounts#00', '000000'), /"acc_00_\w+",/, ''), /000000: ids/],
    [
      'a wrong sum in the ledger',
      () => edit(row('cursor', '00'), /"GL_SALARY":\["0","820"\]/, '"GL_SALARY":["0","821"]'),
      /cursor 00: ledgerLines/,
    ],
    ['a wrong total of a list', () => edit(row('cursor', '00'), '"customers":2', '"customers":3'), /counts is/],
    [
      'a row whose document is none',
      () => clean.map((item) => (item === row(`account#${other}`, 'account') ? { ...item, doc: '{' } : item)),
      /holds no document/,
    ],
    [
      'a cursor that is no document',
      () => clean.map((item) => (item === row('cursor', '00') ? { ...item, doc: '{' } : item)),
      /holds no document/,
    ],
    ['a row without a document', () => [...clean, { pk: 'CU_TEST#ledger', sk: '09#000000' }], /calls for no such row/],
  ])('finds %s, and breaks no other invariant', async (_name, damage, reason) => {
    const found = await breachesOf(journal, damage());
    expect(Object.keys(found)).toEqual(['DERIVED_BALANCES']);
    expect(found.DERIVED_BALANCES).toHaveLength(1);
    expect(found.DERIVED_BALANCES?.[0]?.reason).toMatch(reason);
    expect(found.DERIVED_BALANCES?.[0]?.tenantId).toBe('CU_TEST');
  });

  it('tells nothing of a person in its evidence', async () => {
    const found = await breachesOf(journal, edit(row(`customer#${jane}`, 'customer'), 'Smith', 'Smythe'));
    expect(JSON.stringify(found)).not.toMatch(/Sm[iy]th|example\.com|\+61/);
  });
});

describe('a ledger of more lines than a cursor holds', async () => {
  const { bank: large, spending: account } = openTestBank();
  for (let number = 0; number < 40; number += 1) large.post({ [`GL_BILLER_${number}`]: -5, [account]: 5 });
  const items = large.items();
  const rows = await projectViews(items);

  it('draws no breach', async () => {
    expect(rows.filter(({ pk }) => pk === 'CU_TEST#ledger')).toHaveLength(2);
    expect(await breachesOf(items, rows)).toEqual({});
  });

  it.each([
    ['00#000000', 'GL_BILLER_20'],
    ['00#000001', 'GL_BILLER_39'],
  ])('is a breach where row %s is a cent off', async (sk, line) => {
    const damaged = rows.map((item) =>
      item['pk'] === 'CU_TEST#ledger'
        ? { ...item, doc: String(item['doc']).replace(`"${line}":["0","5"]`, `"${line}":["0","6"]`) }
        : item,
    );
    const found = await breachesOf(items, damaged);
    expect(Object.keys(found)).toEqual(['DERIVED_BALANCES']);
    expect(found.DERIVED_BALANCES?.map(({ reason }) => reason)).toEqual([
      expect.stringContaining(`ledger ${sk}: lines`),
    ]);
  });
});

describe('turnovers beyond 2^53 minor units', () => {
  const { bank: large, spending: account } = openTestBank();
  for (let round = 0; round < 5; round += 1) {
    large.post({ GL_SALARY: -7_036_874_417_766_399, [account]: 7_036_874_417_766_399 });
    large.post({ GL_SALARY: 7_036_874_417_766_398, [account]: -7_036_874_417_766_398 });
  }
  const items = large.items();

  it('draw no breach where they are exact', async () => {
    const rows = await projectViews(items);
    expect(JSON.stringify(rows)).toContain('35184372088831995');
    expect(await breachesOf(items, rows)).toEqual({});
  });

  it.each([
    // The nearest doubles of the sums.
    ['GL_SALARY', '35184372088831990","35184372088831995', '35184372088831992","35184372088831996'],
    ['a product', '35184372088851995', '35184372088851994'],
  ])('are a breach where the row of %s is a cent off', async (_line, exact, rounded) => {
    const rows = (await projectViews(items)).map((item) => ({
      ...item,
      doc: String(item['doc']).replace(exact, rounded),
    }));
    const found = await breachesOf(items, rows);
    expect(Object.keys(found)).toEqual(['DERIVED_BALANCES']);
    expect(found.DERIVED_BALANCES?.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/cursor 00: ledgerLines/),
    ]);
  });
});

describe('TENANT_ISOLATION', () => {
  const stranger = 'acc_00_eeeeeeeeeeeeeeeeeeee';
  it.each<[string, () => StoredItem[]]>([
    ['an account of somebody else', () => [...clean, { pk: `CU_TEST#account#${stranger}`, sk: 'account', doc: '{}' }]],
    ['a list that names an account of somebody else', () => edit(row('accounts#00', '000000'), /acc_00_\w+/, stranger)],
    [
      'a customer with an account of somebody else',
      () => edit(row(`customer#${jane}`, 'customer'), /acc_00_\w+/, stranger),
    ],
  ])('finds %s, and breaks no other invariant', async (_name, damage) => {
    const found = await breachesOf(journal, damage());
    expect(Object.keys(found)).toEqual(['TENANT_ISOLATION']);
    expect(found.TENANT_ISOLATION?.[0]?.reason).toMatch(new RegExp(`names ${stranger}`));
  });

  it('finds rows of a tenant that does not exist', async () => {
    const found = await breachesOf(journal, [...clean, { pk: 'CU_TEST_NOT#cursor', sk: '00', doc: '{}' }]);
    expect(found).toEqual({
      TENANT_ISOLATION: [
        { tenantId: 'CU_TEST_NOT', reason: 'Item CU_TEST_NOT#cursor / 00 belongs to no tenant of the registry' },
      ],
    });
  });
});

describe('views that lag', () => {
  /** The end of the third commit: a cursor stands where a commit ends, on its hash. */
  const third = journal.filter(({ pk }) => pk === 'CU_TEST#chain#00')[2];
  const behind = clean.map((item) =>
    item === row('cursor', '00')
      ? {
          ...item,
          doc: JSON.stringify({ ...JSON.parse(String(item['doc'])), seq: third?.['last'], hash: third?.['head'] }),
        }
      : item,
  );

  it('are waited for', async () => {
    const views = [...behind];
    let slept = 0;
    const clock = {
      nowMs: () => slept,
      sleep: async (ms: number) => {
        slept += ms;
        if (slept >= 500) views.splice(0, views.length, ...clean);
      },
    };
    const result = await audit({ source: memorySource({ journal, views }), clock });
    expect(result.tenants[0]?.views).toEqual({ state: 'compared', rows: clean.length, waitedMs: 500 });
    expect(result.invariants.DERIVED_BALANCES.breaches).toBe(0);
  });

  it('are a breach when they do not come in time', async () => {
    let slept = 0;
    const clock = { nowMs: () => slept, sleep: async (ms: number) => void (slept += ms) };
    const result = await audit({ source: memorySource({ journal, views: behind }), waitMs: 2_000, clock });
    expect(result.tenants[0]?.views).toMatchObject({ state: 'behind', waitedMs: 2_000 });
    expect(result.tenants[0]?.invariants.DERIVED_BALANCES.evidence).toEqual([
      {
        tenantId: 'CU_TEST',
        chain: '00',
        seq: third?.['last'],
        reason: expect.stringMatching(
          new RegExp(`^The views are behind: at event ${String(third?.['last'])} of \\d+ after 2000 ms$`),
        ) as unknown,
      },
    ]);
  });

  it.each([0, 2_000])('are no breach when they keep moving for %i ms: nothing can be said', async (waitMs) => {
    let turn = 0;
    const source = memorySource({ journal, views: clean });
    let looks = 0; // The first is before the journal is read: what the views have seen by then is in it.
    const moved = (item: StoredItem): StoredItem =>
      String(item['pk']).endsWith('#cursor') && looks > 1
        ? { ...item, doc: String(item['doc']).replace(/"seq":\d+/, `"seq":${1_000 + turn++}`) }
        : item;
    const moving = {
      ...source,
      viewPartition: async (pk: string) => {
        looks += 1;
        return (await source.viewPartition(pk)).map(moved);
      },
      async *viewRows(options: { tenantId: string | undefined }) {
        for await (const page of source.viewRows(options)) yield page.map(moved);
      },
    };
    let slept = 0;
    const clock = { nowMs: () => slept, sleep: async (ms: number) => void (slept += ms) };
    const result = await audit({ source: moving, waitMs, clock });
    expect(result.tenants[0]?.views.state).toBe('moving');
    expect(result.invariants.DERIVED_BALANCES.breaches).toBe(0);
  });
});

describe('a journal that grows during the audit', () => {
  it('is read on, so that an entry between chains is seen with both halves', async () => {
    const growing = openTestBank();
    const before = growing.bank.items();
    growing.bank.post({ [growing.spending]: -1_00, [growing.other]: 1_00 });
    growing.bank.customer('01', 77);
    const after = growing.bank.items();
    // Chain 00 is read before the new entry, chain 01 after it; the views have it all.
    const [early, late] = [
      memorySource({ journal: before, views: await projectViews(before) }),
      memorySource({ journal: after, views: await projectViews(after) }),
    ];
    let reads = 0;
    const source = {
      ...late,
      chainItems: (pk: string, options: { afterSeq: number }) => (reads++ < 2 ? early : late).chainItems(pk, options),
      viewPartition: (pk: string) => (reads === 0 ? early : late).viewPartition(pk),
    };
    const result = await audit({ source, tenantId: 'CU_TEST' });
    expect(result.tenants[0]?.invariants).toEqual(
      (await audit({ source: late, tenantId: 'CU_TEST' })).tenants[0]?.invariants,
    );
    expect(result.tenants[0]?.digest).toBe((await audit({ source: late })).tenants[0]?.digest);
    expect(result.invariants.BALANCED_ENTRIES.breaches).toBe(0);
  });
});
