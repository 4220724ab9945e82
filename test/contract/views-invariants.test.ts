import { beforeEach, describe, expect, it } from 'vitest';
import { routes } from '../../src/contract/routes.ts';
import { chainOfId } from '../../src/core/chain/name.ts';
import type { Journal } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { cursorKey } from '../../src/views/keys.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import { createQueries } from '../../src/views/queries/queries.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { commitsOf, doorbellOf, projectorOn } from '../support/deliveries.ts';
import { entityOf, gatewayOn, type Member, move, send } from '../support/ledger.ts';

const tenantId = 'CU_TEST';

describe('the trial balance among the invariants', () => {
  let journal: Journal;
  let views: MemoryViews;
  let payer: Member;
  let payee: Member;
  beforeEach(async () => {
    const month = await bankMonth({ members: 8, entries: 50 });
    journal = month.journal;
    views = createMemoryViews();
    const [first, ...others] = month.members;
    const other = others.find(({ accountId }) => chainOfId(accountId) !== chainOfId(first?.accountId ?? ''));
    if (!first || !other) throw new Error('Expected members on two chains');
    [payer, payee] = [first, other];
    await project();
  });

  /** Projects what is new on all chains, or on one. */
  async function project(chain?: string): Promise<void> {
    const commits = (await commitsOf(journal, tenantId)).filter((commit) => !chain || commit.chain === chain);
    const rings = commits.map((commit) => doorbellOf(commit));
    expect(await projectBatch(rings, projectorOn(journal, views))).toEqual([]);
  }
  const pay = async (id: string) =>
    entityOf(await send(gatewayOn(journal), move(payer.accountId, payee.accountId, 5, { id })));

  /** The cursor of the payer's chain, which holds lines of the ledger, with a cent too many on the debit side. */
  async function spoilLedger(): Promise<void> {
    const key = cursorKey({ tenantId, chain: chainOfId(payer.accountId) ?? '' });
    const [cursor] = await views.get([key]);
    const [line, [debits, credits] = ['0', '0']] = Object.entries(cursor?.ledgerLines ?? {})[0] ?? [];
    if (!cursor || line === undefined) throw new Error('Expected a cursor with a line of the ledger');
    const ledgerLines = { ...cursor.ledgerLines, [line]: [String(BigInt(debits) + 1n), credits] as [string, string] };
    expect(await views.advance({ key, from: cursor.seq, to: { ...cursor, ledgerLines } })).toBe(true);
  }

  async function report() {
    const queries = createQueries({ dataOf: () => ({ journal, views }), sha256 });
    const answer = await queries.answer('getInvariants', { tenantId });
    if (answer.outcome !== 'found') throw new Error(`Expected a report, got ${answer.outcome}`);
    const { trialBalance, invariants } = routes.getInvariants.result.parse(answer.body);
    const broken = invariants.flatMap(({ invariant, holds }) => (holds ? [] : [invariant]));
    return { ...trialBalance, broken };
  }

  it('is zero at the heads, and behind them while neither side of an entry has been projected', async () => {
    expect(await report()).toEqual({ currency: 'AUD', balance: 0, state: 'ZERO', broken: [] });
    await pay('not projected');
    expect(await report()).toEqual({ currency: 'AUD', balance: 0, state: 'ZERO', broken: [] });
  });

  it('is moving while only one side of an entry has been projected, which breaks nothing', async () => {
    await pay('half projected');
    await project(chainOfId(payer.accountId));
    const half = await report();
    expect(half).toMatchObject({ state: 'MOVING', broken: [] });
    expect(Math.abs(half.balance)).toBe(5);
    await project();
    expect(await report()).toMatchObject({ balance: 0, state: 'ZERO', broken: [] });
  });

  it('that is not zero at the heads of all chains breaks the balance, though no entry did', async () => {
    await spoilLedger();
    expect(await report()).toMatchObject({ balance: 0.01, state: 'NOT_ZERO', broken: ['BALANCED_ENTRIES'] });
    // With the head of one chain out of sight nothing can be said, and with all in sight it can again.
    await pay('after the damage');
    expect(await report()).toMatchObject({ balance: 0.01, state: 'MOVING', broken: [] });
    await project();
    expect(await report()).toMatchObject({ balance: 0.01, state: 'NOT_ZERO', broken: ['BALANCED_ENTRIES'] });
  });
});
