import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import type { StoredItem } from './source.ts';
import { openTestBank } from './testing/bank.ts';
import { type Breaches, breachesOf } from './testing/breaches.ts';
import { createCopies, docOf, leavesOf } from './testing/digests.ts';
import { auditInPieces } from './testing/in-pieces.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

const PK = 'CU_TEST#digest';
const skOf = (number: number) => String(number).padStart(8, '0');
const rowOf = (sk: string, doc: unknown): StoredItem => ({ pk: PK, sk, doc: JSON.stringify(doc) });
const countOf = (seq: unknown) => rowOf('count', { seq });
const refusal = rowOf('refused', { seq: 1, at: '2025-01-01T00:00:00.000Z', number: 5, faults: [] });

const copyOf = createCopies('CU_TEST');
/** The digests of somebody who has another key. */
const forgedCopyOf = createCopies('CU_TEST');

const COPIES = 5;

/** A ledger with five digests: whole, and cut off after the last one with views that went along. */
async function signedLedger() {
  const { bank, spending } = openTestBank();
  const copies: StoredItem[] = [];
  for (let seq = 1; seq <= COPIES; seq += 1) {
    bank.post({ [spending]: -1_00, GL_CASH: 1_00 });
    copies.push(copyOf({ number: seq, heads: leavesOf(bank), previous: copies.at(-1) }));
  }
  const whole = bank.items();
  const leaves = leavesOf(bank);
  bank.chain('00').pop();
  const cutOnce = bank.items();
  bank.chain('00').pop();
  const cut = bank.items();
  return {
    copies,
    leaves,
    whole: { journal: whole, views: await projectViews(whole) },
    /** Without what the last digest alone was signed over; and without what the one before it was. */
    cutOnce: { journal: cutOnce, views: await projectViews(cutOnce) },
    cut: { journal: cut, views: await projectViews(cut) },
  };
}

const { copies, leaves, whole, cutOnce, cut } = await signedLedger();
const sound = [...copies, countOf(COPIES), refusal];
const without = (...names: string[]) => sound.filter(({ sk }) => !names.includes(String(sk)));
const withRow = (row: StoredItem) => [...without(String(row['sk'])), row];

const found = ({ journal, views }: typeof whole, digests: StoredItem[]) => breachesOf(journal, [...views, ...digests]);
const reasonsOf = (breaches: Breaches) =>
  Object.entries(breaches).flatMap(([name, evidence]) => evidence.map(({ reason }) => `${name}: ${reason}`));

const cutReason = (digest: number) =>
  expect.stringMatching(new RegExp(`The chain ends at event \\d+, but digest ${digest} was signed over`));
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
  const lastDoc = docOf(copies.at(-1)!);
  const { heads } = lastDoc as { heads: string[] };
  const changed = (change: Record<string, unknown>) => rowOf(last, { ...lastDoc, ...change });
  const signed = (over: readonly string[]) => copyOf({ number: COPIES, heads: over, previous: copies[COPIES - 2] });
  const noLeaves = 'was changed: the leaves are not those of the statement';
  const noHeads = 'was changed: the heads are not those of the chains that are here';
  const noSignature = 'was changed: the signature was not made by this key';
  it.each<[string, StoredItem, string]>([
    ['is no JSON', { pk: PK, sk: last, doc: '{' }, 'cannot be read'],
    ['is no object', rowOf(last, null), 'cannot be read'],
    ['has no document', { pk: PK, sk: last }, 'cannot be read'],
    ['has no heads', changed({ heads: undefined }), 'cannot be read'],
    ['has heads that are no list', changed({ heads: 5 }), 'cannot be read'],
    ['has an empty list of heads', changed({ heads: [] }), noLeaves],
    ['has a head too many', changed({ heads: [...heads, 'x'] }), noLeaves],
    ['has another period', changed({ periods: ['x'] }), noLeaves],
    ['was signed over no heads', signed([]), noHeads],
    ['was signed over what is no head', signed([...heads, 'x']), noHeads],
    ['was signed over heads of another tenant', signed(heads.map((leaf) => `CU_B${leaf.slice(7)}`)), noHeads],
    ['says that it is another', changed({ seq: 1 }), 'was changed: it says that it is digest 1'],
    [
      'holds another',
      rowOf(last, { ...docOf(copies[0]!), seq: COPIES }),
      'was changed: the statement is digest 1 of CU_TEST',
    ],
    ['has another time', changed({ statement: String(lastDoc['statement']).replace('T00:', 'T01:') }), noSignature],
    ['has another signature', changed({ signature: docOf(copies[0]!)['signature'] }), noSignature],
    ['states nothing', changed({ statement: '{}' }), 'was changed: the statement does not have the form of a digest'],
    ['names another key', changed({ key: 'x' }), 'was changed: its public key is not the one that it names'],
    ['has a public key that is none', changed({ publicKey: 'x' }), 'was changed: its public key is none'],
  ])('are told where the last one %s, and the one before it is used', async (_name, row, what) => {
    const fault = `HASH_CHAIN: The copy of digest ${COPIES} ${what}: no chain is compared with it`;
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
    expect(told).toEqual([
      ...[90_000_000, 89_999_999, 89_999_998, 89_999_997].map(
        (number) => `HASH_CHAIN: The copy of digest ${number} is missing: no chain is compared with it`,
      ),
      `HASH_CHAIN: The copies of digests ${COPIES + 1} to 89999996 are missing`,
      cutBy(COPIES),
    ]);
  });

  it('are told where one lacks a chain', async () => {
    const row = signed(heads.filter((leaf) => !leaf.includes('#chain#01 ')));
    const { HASH_CHAIN, ...others } = await found(cutOnce, withRow(row));
    expect(others).toEqual({});
    expect(HASH_CHAIN).toEqual([
      expect.objectContaining({ reason: cutReason(COPIES) }),
      { tenantId: 'CU_TEST', chain: '01', reason: `The copy of digest ${COPIES} lacks this chain` },
    ]);
  });

  it('tell nothing of a chain that had no event yet', async () => {
    const first = heads.map((leaf) => leaf.replace(/(#00) \d+ \w+$/, `$1 0 ${'0'.repeat(64)}`));
    expect(await found(cut, [copyOf({ number: 1, heads: first }), countOf(1)])).toEqual({});
  });

  it('that are made while the audit runs accuse nobody', async () => {
    for (const everyReads of [1, 2, 3]) {
      const { bank, spending } = openTestBank();
      const digests: StoredItem[] = [];
      let [reads, seq] = [0, 0];
      let newest: StoredItem | undefined;
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
        digests.push(copyOf({ number: seq, heads: leavesOf(bank), previous: newest }));
        newest = digests.at(-1);
      };
      bank.post({ [spending]: -1_00, GL_CASH: 1_00 });
      const source = await tables();
      const busy = {
        ...source,
        viewRow: async (pk: string, sk: string) => {
          step();
          return (await tables()).viewRow(pk, sk);
        },
        async *viewPages(pk: string) {
          for await (const page of (await tables()).viewPages(pk)) {
            yield page;
            for (let made = 0; made < 4; made += 1) step();
          }
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

describe('copies of digests before the last one', () => {
  const MANY = 24;
  const series: StoredItem[] = [];
  for (let number = 1; number <= MANY; number += 1)
    series.push(copyOf({ number, heads: leaves, previous: series.at(-1) }));
  const count = countOf(MANY);
  const gone = (...numbers: number[]) => series.filter((_, index) => !numbers.includes(index + 1));
  const other = (number: number, row: StoredItem) => series.map((each, index) => (index + 1 === number ? row : each));
  const edited = (number: number, change: (doc: Record<string, unknown>) => unknown) =>
    other(number, rowOf(skOf(number), change(docOf(series[number - 1]!))));
  const at = (number: number) =>
    edited(number, (doc) => ({ ...doc, statement: String(doc['statement']).replace('T00:', 'T01:') }));
  const resigned = (number: number) =>
    other(
      number,
      forgedCopyOf({ number, heads: leaves, previous: series[number - 2], at: '2025-01-01T01:00:00.000Z' }),
    );
  const broken = (number: number) =>
    `The copy of digest ${number - 1} is not the digest that digest ${number} names as the one before it: one of both was changed`;
  const noSignature = 'was changed: the signature was not made by this key';

  it.each<[string, StoredItem[], string[]]>([
    ['are sound', series, []],
    ['lack the first', gone(1), ['The copy of digest 1 is missing']],
    ['lack one', gone(2), ['The copy of digest 2 is missing']],
    [
      'lack some, across pages',
      gone(3, 6, 7, 8, 9, 14),
      [
        'The copy of digest 3 is missing',
        'The copies of digests 6 to 9 are missing',
        'The copy of digest 14 is missing',
      ],
    ],
    [
      'lack the last ones and others',
      gone(20, 22, 23, 24),
      [
        ...[24, 23, 22].map((number) => `The copy of digest ${number} is missing: no chain is compared with it`),
        'The copy of digest 20 is missing',
      ],
    ],
    ['have one with another time', at(3), [`The copy of digest 3 ${noSignature}`]],
    ['have a first one with another time', at(1), [`The copy of digest 1 ${noSignature}`]],
    ['have one that is no JSON', other(8, { pk: PK, sk: skOf(8), doc: '{' }), ['The copy of digest 8 cannot be read']],
    ['have one that was signed anew by another key', resigned(9), [broken(10)]],
    ['have one before the last that was', resigned(MANY - 1), [broken(MANY)]],
    [
      'have a first one that names another',
      other(1, forgedCopyOf({ number: 1, heads: leaves, previous: series[4] })),
      ['The copy of digest 1 was changed: it names a digest before it', broken(2)],
    ],
  ])('are read as well where they %s', async (_name, rows, reasons) => {
    const told = reasonsOf(await found(whole, [...rows.toReversed(), count]));
    expect(told).toEqual(reasons.map((reason) => `HASH_CHAIN: ${reason}`));
  });

  it('are counted among the checks, one for each', async () => {
    const checkedWith = async (digests: StoredItem[]) => {
      const source = memorySource({ journal: whole.journal, views: [...whole.views, ...digests] });
      return (await audit({ source, waitMs: 0 })).invariants.HASH_CHAIN.checked;
    };
    expect((await checkedWith([...series, count])) - (await checkedWith([series[0]!, countOf(1)]))).toBe(MANY - 1);
  });
});

describe('that no digest is known', () => {
  const notesOf = async (digests: StoredItem[]) => {
    const source = memorySource({ journal: whole.journal, views: [...whole.views, ...digests] });
    const results = [await audit({ source, waitMs: 0 }), await auditInPieces({ source })];
    const [atOnce, inPieces] = results.map(({ tenants, invariants }) => ({
      notes: tenants.map(({ notes }) => notes),
      breaches: Object.values(invariants).reduce((sum, { breaches }) => sum + breaches, 0),
    }));
    expect(inPieces).toEqual(atOnce);
    return atOnce;
  };

  it.each<[string, StoredItem[]]>([
    ['none was made yet', []],
    ['its first one was refused', [refusal]],
  ])('is noted, and is no breach, where %s', async (_name, digests) => {
    const note = 'No digest of it is known: its journal was held against none';
    expect(await notesOf(digests)).toEqual({ notes: [[note]], breaches: 0 });
  });

  it.each<[string, StoredItem[], number]>([
    ['there is one', sound, 0],
    ['one is not counted yet', copies.slice(0, 1), 0],
    ['the count alone is left, which is told', [countOf(1)], 1],
  ])('is not noted where %s', async (_name, digests, breaches) => {
    expect(await notesOf(digests)).toEqual({ notes: [[]], breaches });
  });
});
