import { expect, test } from 'vitest';
import { audit } from '../../audit/audit.ts';
import { openTestBank } from '../../audit/testing/bank.ts';
import { createCopies } from '../../audit/testing/digests.ts';
import { memorySource, projectViews } from '../../audit/testing/memory-source.ts';
import { INVARIANTS } from '../../contract/invariants.ts';
import { createTerminal } from '../terminal.ts';
import { createBreachTeller } from './tell-breaches.ts';

const MORE = 'More in /data/logs/cloud.log; docs/operating/runbook.md says what to do\n';
const found = { invariant: 'HASH_CHAIN', tenantId: 'CU_A', chain: '07', seq: 60, reason: 'The chain went back' };
const logged = (entry: object) => `DigestFunction: ${JSON.stringify({ level: 'ERROR', ...entry })}`;
const breached = (change: object = {}) => logged({ message: 'Invariant breached', ...found, ...change });

function tell(lines: string[]): string[] {
  const told: string[] = [];
  const stderr = { write: (text: string) => told.push(text) };
  const terminal = createTerminal({ stdout: { write: () => expect.fail() }, stderr, env: {} });
  const take = createBreachTeller(terminal, '/data/logs/cloud.log');
  for (const line of lines) take(line);
  return told;
}

test('a breach is told in one line, and once though it is found again', () => {
  expect(tell([breached(), breached({ reason: 'The chain went back: another figure' }), breached()])).toEqual([
    `breach  HASH_CHAIN of CU_A, chain 07 seq 60: The chain went back. ${MORE}`,
  ]);
});

test('another place, tenant or invariant is another breach', () => {
  const others = [{ chain: '08' }, { seq: 61 }, { tenantId: 'CU_B' }, { invariant: 'BALANCED_ENTRIES' }];
  expect(tell([breached(), ...others.map(breached)])).toHaveLength(5);
});

test('what an audit has found is told place by place', () => {
  const evidence = [found, { ...found, chain: '09' }];
  const line = logged({ message: 'Invariant breached', invariant: 'HASH_CHAIN', breaches: 2, evidence });
  expect(tell([line, breached()])).toEqual([
    expect.stringContaining('CU_A, chain 07 seq 60: '),
    expect.stringContaining('CU_A, chain 09 seq 60: '),
  ]);
});

test('whatever an audit finds is told, where it has a place and where it has none', async () => {
  const { bank, spending } = openTestBank();
  const journal = bank.items();
  const views = (await projectViews(journal)).filter(({ pk }) => pk !== `CU_TEST#account#${spending}`);
  const heads = ['00', 'catalog'].map((chain) => {
    const { pk, last, head } = journal.findLast((item) => item['pk'] === `CU_TEST#chain#${chain}`) ?? {};
    return `${String(pk)} ${String(last)} ${chain === '00' ? '0'.repeat(64) : String(head)}`;
  });
  const copies = [
    createCopies('CU_TEST')({ number: 1, heads }),
    { pk: 'CU_TEST#digest', sk: '00000002', doc: '{' },
    { pk: 'CU_TEST#digest', sk: 'count', doc: '{"seq":2}' },
  ];
  const left = { pk: 'CU_GONE#account#acc_00_1', sk: 'account', doc: '{}' };
  const source = memorySource({ journal, views: [...views, ...copies, left] });
  const { tenants, invariants } = await audit({ source, waitMs: 0 });
  const lines = INVARIANTS.filter((name) => invariants[name].breaches > 0).map((invariant) => {
    const evidence = tenants.flatMap((tenant) => tenant.invariants[invariant].evidence);
    return logged({ message: 'Invariant breached', invariant, breaches: invariants[invariant].breaches, evidence });
  });
  const told = tell([...lines, ...lines]);
  const rowOf = `DERIVED_BALANCES of CU_TEST, chain 00: View row CU_TEST#account#${spending}`;
  const all = told.join('');
  for (const text of [
    /HASH_CHAIN of CU_TEST, chain 00 seq \d+: Digest 1 was signed over/,
    'HASH_CHAIN of CU_TEST, chain 01: The copy of digest 1 lacks this chain.',
    'HASH_CHAIN of CU_TEST: The copy of digest 2 cannot be read',
    `${rowOf} account is missing.`,
    /TENANT_ISOLATION of CU_GONE: /,
  ])
    expect(all).toMatch(text);
  expect(told).toHaveLength(Object.values(invariants).reduce((sum, { breaches }) => sum + breaches, 0));
});

test('what has no place is told apart by its reason', () => {
  const evidence = ['row 1 is missing', 'row 2 is missing'].flatMap((reason) => [
    { tenantId: 'CU_A', reason },
    { tenantId: 'CU_A', chain: '07', reason },
  ]);
  const line = logged({ message: 'Invariant breached', invariant: 'DERIVED_BALANCES', breaches: 4, evidence });
  expect(tell([line, line])).toEqual(
    evidence.map(({ reason, chain }) =>
      expect.stringContaining(`CU_A${chain === undefined ? '' : `, chain ${chain}`}: ${reason}. `),
    ),
  );
});

test('an entry that cannot be understood keeps no other from being told', () => {
  const line = logged({
    message: 'Invariant breached',
    invariant: 'HASH_CHAIN',
    breaches: 2,
    evidence: [{ seq: 'x' }, found],
  });
  expect(tell([line])).toEqual([expect.stringContaining('HASH_CHAIN of CU_A, chain 07 seq 60: ')]);
});

test('breaches of which an audit has only room for the count are told too', () => {
  const line = logged({ message: 'Invariant breached', invariant: 'HASH_CHAIN', breaches: 3, evidence: [] });
  expect(tell([line, line])).toEqual([`breach  HASH_CHAIN, 3 in all, without evidence. ${MORE}`]);
});

test('a digest that cannot be made is told with why', () => {
  const error = { name: 'Error', message: 'Cannot find digest 3 of CU_A: it was there, and is not any more' };
  const line = logged({ message: 'Cannot make a digest', tenantId: 'CU_A', error });
  expect(tell([line, line])).toEqual([`not signed  CU_A: ${error.message}. ${MORE}`]);
  const asked = { tenantId: 'CU_NONE', error: { message: 'Cannot make a digest of CU_NONE: there is no such tenant' } };
  expect(tell([logged({ message: 'Cannot make a digest', ...asked })])).toEqual([]);
});

test('a digest that cannot be made is told once for each tenant and error, whatever figures come with it', () => {
  const failed = (tenantId: string, message: string) =>
    logged({ message: 'Cannot make a digest', tenantId, error: { message } });
  const told = tell([
    failed('CU_A', 'Cannot read the journal: no answer within 1,000 ms'),
    failed('CU_A', 'Cannot read the journal: no answer within 1,001 ms'),
    failed('CU_B', 'Cannot read the journal: no answer within 1,000 ms'),
    failed('CU_A', 'Cannot keep digest 9 of CU_A: there was one, and a delete marker hides it'),
    failed('CU_A', 'Cannot keep digest 9 of CU_A: it is missing, and the bucket holds later ones'),
  ]);
  expect(told).toEqual([
    expect.stringContaining('CU_A: Cannot read the journal'),
    expect.stringContaining('CU_B: Cannot read the journal'),
    expect.stringContaining('a delete marker hides it'),
    expect.stringContaining('the bucket holds later ones'),
  ]);
});

test('however many tenants have no digest, a breach is told, and the other way round', () => {
  const failed = Array.from({ length: 100 }, (_, number) =>
    logged({
      message: 'Cannot make a digest',
      tenantId: `CU_${number}`,
      error: { message: 'Cannot read the journal' },
    }),
  );
  const told = tell([...failed, breached()]);
  expect(told).toHaveLength(22);
  expect(told.at(-2)).toBe(`not signed  There are more, which are not told here. ${MORE}`);
  expect(told.at(-1)).toBe(`breach  HASH_CHAIN of CU_A, chain 07 seq 60: The chain went back. ${MORE}`);
  const breaches = Array.from({ length: 100 }, (_, seq) => breached({ seq }));
  expect(tell([...breaches, ...failed.slice(0, 2)]).slice(20)).toEqual([
    `breach  There are more, which are not told here. ${MORE}`,
    `not signed  CU_0: Cannot read the journal. ${MORE}`,
    `not signed  CU_1: Cannot read the journal. ${MORE}`,
  ]);
});

test('other lines, and what only looks like one, are not told', () => {
  const quoted = 'CommandFunction: a member’s narrative says "Invariant breached"';
  expect(tell(['The store is sound', quoted, logged({ message: 'Made a digest' }), breached({ seq: 'x' })])).toEqual(
    [],
  );
});

test('a store that is damaged all over does not fill the terminal', () => {
  const told = tell(Array.from({ length: 100 }, (_, seq) => breached({ seq })));
  expect(told).toHaveLength(21);
  expect(told.at(-1)).toBe(`breach  There are more, which are not told here. ${MORE}`);
});
