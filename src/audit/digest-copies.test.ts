import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import type { StoredItem } from './source.ts';
import { openTestBank, type TestBank } from './testing/bank.ts';
import { type Breaches, breachesOf } from './testing/breaches.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

const PK = 'CU_TEST#digest';
const skOf = (number: number) => String(number).padStart(8, '0');
const rowOf = (sk: string, doc: unknown): StoredItem => ({ pk: PK, sk, doc: JSON.stringify(doc) });
const countOf = (seq: unknown) => rowOf('count', { seq });
const refusal = rowOf('refused', { seq: 1, at: '2025-01-01T00:00:00.000Z', number: 5, faults: [] });

function leavesOf(bank: TestBank): string[] {
  return ['00', '01', 'catalog'].map((chain) => {
    const { pk, last, head } = bank.items().findLast((item) => item['pk'] === `CU_TEST#chain#${chain}`) ?? {};
    return `${String(pk)} ${String(last)} ${String(head)}`;
  });
}

const COPIES = 5;

/** A ledger with five digests: whole, and cut off after the last one with views that went along. */
async function signedLedger() {
  const { bank, spending } = openTestBank();
  const copies: StoredItem[] = [];
  for (let seq = 1; seq <= COPIES; seq += 1) {
    bank.post({ [spending]: -1_00, GL_CASH: 1_00 });
    copies.push(rowOf(skOf(seq), { seq, heads: leavesOf(bank) }));
  }
  const whole = bank.items();
  bank.chain('00').pop();
  const cutOnce = bank.items();
  bank.chain('00').pop();
  const cut = bank.items();
  return {
    copies,
    whole: { journal: whole, views: await projectViews(whole) },
    /** Without what the last digest alone was signed over; and without what the one before it was. */
    cutOnce: { journal: cutOnce, views: await projectViews(cutOnce) },
    cut: { journal: cut, views: await projectViews(cut) },
  };
}

const { copies, whole, cutOnce, cut } = await signedLedger();
const sound = [...copies, countOf(COPIES), refusal];
const without = (...names: string[]) => sound.filter(({ sk }) => !names.includes(String(sk)));
const withRow = (row: StoredItem) => [...without(String(row['sk'])), row];

const found = ({ journal, views }: typeof whole, digests: StoredItem[]) => breachesOf(journal, [...views, ...digests]);
const reasonsOf = (breaches: Breaches) =>
  Object.entries(breaches).flatMap(([name, evidence]) => evidence.map(({ reason }) => `${name}: ${reason}`));

const cutBy = (digest: number) =>
  expect.stringMatching(new RegExp(`^HASH_CHAIN: The chain ends at event \\d+, but digest ${digest} was signed over`));
const uncalled = (sk: string) => `DERIVED_BALANCES: View row ${PK} ${sk}: The journal calls for no such row`;

describe('copies of digests', () => {
  it.each<[string, StoredItem[]]>([
    ['none', []],
    ['a refusal alone', [refusal]],
    ['one that is not counted yet', copies.slice(0, 1)],
    ['one', [...copies.slice(0, 1), countOf(1)]],
    ['several', sound],
    ['several, of which the last one is not counted yet', [...copies, countOf(COPIES - 1)]],
  ])('of a ledger that is sound accuse nobody: %s', async (_name, digests) => {
    expect(await found(whole, digests)).toEqual({});
  });

  it('tell of a chain that was cut off, the one that is not counted yet too', async () => {
    for (const digests of [sound, [...copies, countOf(COPIES - 1)]])
      expect(reasonsOf(await found(cutOnce, digests))).toEqual([cutBy(COPIES)]);
  });

  it('leave the views of a chain that was cut off to be compared with what is left of it', async () => {
    const views = cut.views.map((row) =>
      String(row['pk']).startsWith('CU_TEST#account#acc_00') && row['sk'] === 'account'
        ? { ...row, doc: String(row['doc']).replace('"status":"ACTIVE"', '"status":"CLOSED"') }
        : row,
    );
    const { HASH_CHAIN, DERIVED_BALANCES } = await found({ ...cut, views }, sound);
    expect(HASH_CHAIN).toHaveLength(1);
    expect(DERIVED_BALANCES?.length).toBeGreaterThan(0);
    for (const { reason } of DERIVED_BALANCES ?? []) expect(reason).toMatch(/status is "CLOSED"/);
  });

  it.each([
    [['x1', 'x2', 'x3']],
    [['99999999']],
    [['00000007']],
    [['00000000', '00000005x', '1', 'countx', 'refused2']],
  ])('are not hidden by rows that are none, and these are told: %j', async (names) => {
    const strays = names.map((sk) => rowOf(sk, { heads: [] }));
    expect(reasonsOf(await found(whole, [...sound, ...strays])).toSorted()).toEqual(names.map(uncalled).toSorted());
    const told = reasonsOf(await found(cutOnce, [...sound, ...strays]));
    expect(told).toEqual(expect.arrayContaining([cutBy(COPIES), ...names.map(uncalled)]));
    expect(told).toHaveLength(names.length + 1);
  });

  const last = skOf(COPIES);
  const { heads } = JSON.parse(String(copies.at(-1)?.['doc'])) as { heads: string[] };
  it.each<[string, StoredItem]>([
    ['is no JSON', { pk: PK, sk: last, doc: '{' }],
    ['is no object', rowOf(last, null)],
    ['has no document', { pk: PK, sk: last }],
    ['has no heads', rowOf(last, { seq: COPIES })],
    ['has heads that are no list', rowOf(last, { seq: COPIES, heads: 5 })],
    ['has an empty list of heads', rowOf(last, { seq: COPIES, heads: [] })],
    ['has a head that is none', rowOf(last, { seq: COPIES, heads: [...heads, 'x'] })],
    ['has a head of another tenant', rowOf(last, { seq: COPIES, heads: heads.map((leaf) => `CU_B${leaf.slice(7)}`) })],
    ['has another number', rowOf(last, { seq: 1, heads })],
  ])('are told where the last one %s, and the one before it is used', async (_name, row) => {
    const fault = `HASH_CHAIN: The copy of digest ${COPIES} cannot be read: no chain is compared with it`;
    expect(reasonsOf(await found(whole, withRow(row)))).toEqual([fault]);
    expect(reasonsOf(await found(cut, withRow(row)))).toEqual([fault, cutBy(COPIES - 1)]);
  });

  it('are told where the only one cannot be read', async () => {
    expect(reasonsOf(await found(whole, [rowOf(skOf(1), {}), countOf(1)]))).toEqual([
      'HASH_CHAIN: The copy of digest 1 cannot be read: no chain is compared with it',
    ]);
  });

  it('are told where the last one is missing, and the one before it is used', async () => {
    const fault = `HASH_CHAIN: The copy of digest ${COPIES} is missing: no chain is compared with it`;
    expect(reasonsOf(await found(whole, without(last)))).toEqual([fault]);
    expect(reasonsOf(await found(cut, without(last)))).toEqual([fault, cutBy(COPIES - 1)]);
  });

  const unreadable = 'HASH_CHAIN: The count of the copies of digests cannot be read';
  const tooLow = (counted: number) =>
    `HASH_CHAIN: The count of the copies of digests is ${counted}, but there is one of digest ${COPIES}`;
  it.each<[string, StoredItem[], string]>([
    ['no JSON', withRow({ pk: PK, sk: 'count', doc: '{' }), unreadable],
    ['no number', withRow(countOf('5')), unreadable],
    ['no whole number', withRow(countOf(4.5)), unreadable],
    ['more than there may be', withRow(countOf(1e15)), unreadable],
    ['too low', withRow(countOf(1)), tooLow(1)],
    ['missing', without('count'), tooLow(0)],
  ])('are found, and told of, where their count is %s', async (_name, digests, fault) => {
    expect(reasonsOf(await found(whole, digests))).toEqual([fault]);
    expect(reasonsOf(await found(cutOnce, digests))).toEqual([fault, cutBy(COPIES)]);
  });

  it('are found, and told of, where their count is far too high', async () => {
    const told = reasonsOf(await found(cutOnce, withRow(countOf(90_000_000))));
    expect(told[0]).toBe('HASH_CHAIN: The copy of digest 90000000 is missing: no chain is compared with it');
    expect(told.at(-1)).toEqual(cutBy(COPIES));
  });

  it('are told where one lacks a chain', async () => {
    const row = rowOf(last, { seq: COPIES, heads: heads.filter((leaf) => !leaf.includes('#chain#00 ')) });
    const { HASH_CHAIN, ...others } = await found(cutOnce, withRow(row));
    expect(others).toEqual({});
    expect(HASH_CHAIN).toEqual([
      { tenantId: 'CU_TEST', chain: '00', reason: `The copy of digest ${COPIES} lacks this chain` },
    ]);
  });

  it('tell nothing of a chain that had no event yet', async () => {
    const first = heads.map((leaf) => leaf.replace(/(#00) \d+ \w+$/, `$1 0 ${'0'.repeat(64)}`));
    expect(await found(cut, [rowOf(skOf(1), { seq: 1, heads: first }), countOf(1)])).toEqual({});
  });

  it('that are made while the audit runs accuse nobody', async () => {
    for (const everyReads of [1, 2, 3]) {
      const { bank, spending } = openTestBank();
      const digests: StoredItem[] = [];
      let [reads, seq] = [0, 0];
      const tables = async () => {
        const journal = bank.items();
        return memorySource({ journal, views: [...(await projectViews(journal)), ...digests] });
      };
      // First the copy, and with the next step its count: the audit sees each state in between.
      const step = () => {
        reads += 1;
        if (reads % everyReads !== 0) return;
        const count = digests.findIndex(({ sk }) => sk === 'count');
        if (seq > 0 && (count < 0 || digests[count]?.['doc'] !== `{"seq":${seq}}`)) {
          if (count >= 0) digests.splice(count, 1);
          digests.push(countOf(seq));
          return;
        }
        seq += 1;
        digests.push(rowOf(skOf(seq), { seq, heads: leavesOf(bank) }));
      };
      bank.post({ [spending]: -1_00, GL_CASH: 1_00 });
      const source = await tables();
      const busy = {
        ...source,
        viewRow: async (pk: string, sk: string) => {
          step();
          return (await tables()).viewRow(pk, sk);
        },
        async *viewRows(options: { tenantId: string | undefined }) {
          for (let made = 0; made < 40; made += 1) step();
          yield* (await tables()).viewRows(options);
          for (let made = 0; made < 4; made += 1) step();
        },
      };
      const { invariants } = await audit({ source: busy, waitMs: 0 });
      expect(seq).toBeGreaterThan(5);
      expect(Object.values(invariants).map(({ breaches }) => breaches)).toEqual([0, 0, 0, 0, 0]);
    }
  });
});
