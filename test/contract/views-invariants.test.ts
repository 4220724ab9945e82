import { beforeEach, describe, expect, it } from 'vitest';
import { routes } from '../../src/contract/routes.ts';
import { chainOfId } from '../../src/core/chain/name.ts';
import type { Journal } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { keepRefusal } from '../../src/views/digests/digest-refusal.ts';
import { digestRefusalKey } from '../../src/views/keys.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import { createQueries } from '../../src/views/queries/queries.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { changeCursor, commitsOf, doorbellOf, projectorOn } from '../support/deliveries.ts';
import { entityOf, gatewayOn, type Member, move, send } from '../support/ledger.ts';
import { NOW, rebuildAll, rebuildOptions } from '../support/rebuilds.ts';

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
    await changeCursor(views, { tenantId, chain: chainOfId(payer.accountId) ?? '' }, (cursor) => {
      const [line, [debits, credits] = ['0', '0']] = Object.entries(cursor.ledgerLines)[0] ?? [];
      if (line === undefined) throw new Error('Expected a cursor with a line of the ledger');
      return { ...cursor, ledgerLines: { ...cursor.ledgerLines, [line]: [String(BigInt(debits) + 1n), credits] } };
    });
  }

  async function report() {
    const { trialBalance, broken } = await invariants();
    return { ...trialBalance, broken };
  }
  async function invariants() {
    const queries = createQueries({ dataOf: () => ({ journal, views }), sha256 });
    const answer = await queries.answer('getInvariants', { tenantId });
    if (answer.outcome !== 'found') throw new Error(`Expected a report, got ${answer.outcome}`);
    const { trialBalance, invariants: all } = routes.getInvariants.result.parse(answer.body);
    const broken = all.flatMap(({ invariant, holds }) => (holds ? [] : [invariant]));
    return { trialBalance, broken, hashChain: all.find(({ invariant }) => invariant === 'HASH_CHAIN') };
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

  describe('a digest that was refused', () => {
    const at = '2026-01-02T00:00:00.000Z';
    const fault = { chain: '03', seq: 7, reason: 'The chain was rewritten' };
    const keep = (faults: (typeof fault)[], when = at) => keepRefusal(views, tenantId, { at: when, number: 4, faults });

    it('is a breach of the chain until one is made, at the time when it was first seen', async () => {
      await keep([]);
      expect(await views.get([digestRefusalKey(tenantId)])).toEqual([undefined]);
      await keep([fault, { ...fault, chain: '05' }]);
      await keep([fault, { ...fault, chain: '05' }], '2026-01-03T00:00:00.000Z');
      const { broken, hashChain } = await invariants();
      expect(broken).toEqual(['HASH_CHAIN']);
      expect(hashChain).toMatchObject({
        holds: false,
        breached: 2,
        lastBreach: { seq: 7, at, reason: 'No digest was signed: The chain was rewritten', evidence: { digest: 4 } },
      });
      await keep([fault]);
      expect((await invariants()).hashChain).toMatchObject({ breached: 1, lastBreach: { chain: '03' } });
      await keep([]);
      expect((await invariants()).hashChain).toMatchObject({ holds: true, breached: 0, lastBreach: null });
      await keep([fault]);
      expect((await invariants()).broken).toEqual(['HASH_CHAIN']);
    });

    it('is not told beside a chain that is seen to be cut off', async () => {
      const ref = { tenantId, chain: chainOfId(payer.accountId) ?? '' };
      await changeCursor(views, ref, (cursor) => ({ ...cursor, seq: cursor.seq + 1 }));
      await keep([fault, { ...fault, chain: ref.chain }]);
      expect((await invariants()).hashChain?.breached).toBe(2);
    });

    it('outlives a rebuild of the views, which are not what it is made from', async () => {
      await keep([fault]);
      await rebuildAll(rebuildOptions(journal, views), { tenantId, run: `${NOW}-one` });
      expect((await invariants()).broken).toEqual(['HASH_CHAIN']);
    });
  });
});
