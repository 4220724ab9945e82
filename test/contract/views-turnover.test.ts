import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import type { ViewStore } from '../../src/views/port.ts';
import type { Cursor } from '../../src/views/projection/cursor.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import { createQueries, type Queries } from '../../src/views/queries/queries.ts';
import { sumToWire } from '../../src/views/queries/wire.ts';
import { commitsOf, createWitness, doorbellOf, projectorOn, type Witness } from '../support/deliveries.ts';
import { entityOf, gatewayOn, move, openBank, send } from '../support/ledger.ts';
import { VIEWS_ENGINES, type ViewsEngine } from '../support/views.ts';

const tenantId = 'CU_TEST';
const GL = 'GL_CASH';
/** The largest amounts that the wire can tell to the cent: just below 2^46. Five of them are more cents than a double holds. */
const [IN, OUT] = [70_368_744_177_663.99, 70_368_744_177_663.98];
const ROUNDS = 5;
/** The doubles nearest to five times each. */
const TURNOVER = { in: Number('351843720888319.95'), out: Number('351843720888319.90') };
const DEPOSIT = 100;

describe.each(Object.keys(VIEWS_ENGINES))('turnovers beyond 2^53 minor units, on %s', (name) => {
  let engine: ViewsEngine;
  let store: ViewStore;
  let monitor: Witness;
  let queries: Queries;
  let accountId: string;

  beforeAll(async () => {
    engine = await (VIEWS_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
    const journal = createMemoryJournal();
    const gateway = gatewayOn(journal);
    const [member] = await openBank(gateway, { members: 1, deposit: DEPOSIT });
    accountId = member?.accountId ?? '';
    for (let round = 1; round <= ROUNDS; round += 1) {
      entityOf(await send(gateway, move(GL, accountId, IN, { id: `in ${round}` })));
      entityOf(await send(gateway, move(accountId, GL, OUT, { id: `out ${round}` })));
    }
    store = await engine.fresh();
    monitor = createWitness();
    const rings = (await commitsOf(journal, tenantId)).map((commit) => doorbellOf(commit));
    // A process of its own for each record, so that what a row says is read back from the table every time.
    for (const ring of rings) expect(await projectBatch([ring], projectorOn(journal, store, { monitor }))).toEqual([]);
    queries = createQueries({ dataOf: () => ({ journal, views: store }), sha256 });
  });
  afterAll(() => engine.stop());

  it('leave every balance exact', async () => {
    const trial = await queries.answer('getTrialBalance', { tenantId });
    expect(trial).toMatchObject({
      outcome: 'found',
      body: {
        balance: 0,
        lines: [
          { account: GL, debits: TURNOVER.out, credits: TURNOVER.in, balance: -0.05 },
          { account: 'GL_OPENING_DEPOSITS', debits: 0, credits: DEPOSIT, balance: -DEPOSIT },
          { account: 'PRODUCT:TXN', balance: DEPOSIT + 0.05 },
        ],
      },
    });
    for (const [account, balance] of [
      [GL, -0.05],
      [accountId, DEPOSIT + 0.05],
    ] as const)
      expect(await queries.answer('getAccountBalance', { tenantId, accountId: account })).toMatchObject({
        body: { balance },
      });
  });

  it('stand in the rows to the last cent', async () => {
    const [inMinor, outMinor] = [7_036_874_417_766_399n * 5n, 7_036_874_417_766_398n * 5n];
    const rows = Object.entries(await engine.dump(store)).filter(([key]) => key.startsWith(`${tenantId}#cursor `));
    const ledgers = rows.map(([, row]) => (row as Cursor).ledgerLines);
    expect(ledgers.filter((lines) => GL in lines)).toMatchObject([
      {
        [GL]: [String(outMinor), String(inMinor)],
        'PRODUCT:TXN': [String(inMinor + BigInt(DEPOSIT * 100)), String(outMinor)],
      },
    ]);
  });

  it('draw no breach from the live monitor', () => {
    expect(monitor.breaches).toEqual([]);
  });
});

describe('a sum on the wire', () => {
  it.each([
    [0n, 2, 0],
    [-5n, 2, -0.05],
    [7n, 0, 7],
    [123_456n, 3, 123.456],
    // Its double is one higher, and divided that gives another amount.
    [2n ** 53n + 7n, 2, Number('90071992547409.99')],
    [-(10n ** 20n), 2, -1e18],
  ])('of %s minor units with %s decimals is %s', (sumMinor, exponent, amount) => {
    expect(sumToWire(sumMinor, exponent)).toBe(amount);
  });
});
