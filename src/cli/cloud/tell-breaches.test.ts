import { expect, test } from 'vitest';
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
    failed('CU_A', 'Cannot find digest 3 of CU_A: it was there, and is not any more'),
  ]);
  expect(told.map((line) => line.slice(0, 40))).toEqual([
    'not signed  CU_A: Cannot read the journa',
    'not signed  CU_B: Cannot read the journa',
    'not signed  CU_A: Cannot find digest 3 o',
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
