import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromMinor } from '../../src/contract/currency.ts';
import type { ChainEvent } from '../../src/contract/events.ts';
import { routes } from '../../src/contract/routes.ts';
import { chainOfId } from '../../src/core/chain/name.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { createQueries, type Queries } from '../../src/views/queries/queries.ts';
import type { Parameters, QueryId, Result } from '../../src/views/queries/query.ts';
import { type BankMonth, bankMonth } from '../support/bank-month.ts';
import { commitsOf, doorbellOf, projectorOn } from '../support/deliveries.ts';
import { balancesOf, readVerified } from '../support/ledger.ts';
import { VIEWS_ENGINES, type ViewsEngine } from '../support/views.ts';

const tenantId = 'CU_TEST';

describe.each(Object.keys(VIEWS_ENGINES))('queries on %s', (name) => {
  const runs = name === 'memory' ? 60 : 10;
  let engine: ViewsEngine;
  let month: BankMonth;
  let events: ChainEvent[];
  let queries: Queries;
  let reads: number;

  beforeAll(async () => {
    engine = await (VIEWS_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
    month = await bankMonth({ members: 150, entries: 400, seed: 7 });
    const chains = await readVerified(month.journal);
    events = [...chains.values()].flat();
    const store = await engine.fresh();
    const rings = (await commitsOf(month.journal, tenantId)).map((commit) => doorbellOf(commit));
    expect(await projectBatch(rings, projectorOn(month.journal, store))).toEqual([]);
    const views: ViewStore = {
      ...store,
      get: (keys) => {
        reads += 1;
        return store.get(keys);
      },
      list: (partition) => {
        reads += 1;
        return store.list(partition);
      },
    };
    queries = createQueries({ dataOf: () => ({ journal: month.journal, views }), sha256 });
  });
  afterAll(() => engine.stop());

  /** Answers and holds the answer against the route's schema. */
  async function ask<Id extends QueryId>(id: Id, parameters: Parameters<Id>): Promise<Result<Id>> {
    reads = 0;
    const answer = await queries.answer(id, parameters);
    if (answer.outcome !== 'found') throw new Error(`Expected an answer, got ${JSON.stringify(answer)}`);
    // As it leaves: JSON, which drops undefined fields.
    routes[id].result.parse(JSON.parse(JSON.stringify(answer.body)));
    return answer.body;
  }
  const eventsOf = (type: ChainEvent['type']) => events.filter((event) => event.type === type);

  it('lists customers, accounts and products whole, by chain and then by creation', async () => {
    const customers = await ask('listCustomers', { tenantId, limit: 1000, offset: 0 });
    expect(customers.customers.map(({ customerId }) => customerId)).toEqual(
      eventsOf('CustomerCreated').map(({ entityId }) => entityId),
    );
    expect(customers.total).toBe(150);
    const accounts = await ask('listAccounts', { tenantId, limit: 1000, offset: 0 });
    expect(accounts.accounts.map(({ accountId }) => accountId)).toEqual(
      eventsOf('AccountOpened').map(({ entityId }) => entityId),
    );
    const balances = balancesOf(await readVerified(month.journal));
    for (const { accountId, balance } of accounts.accounts)
      expect([accountId, balance]).toEqual([accountId, fromMinor(balances.get(accountId) ?? 0, 2)]);
    const products = await ask('listProducts', { tenantId, limit: 50, offset: 0 });
    expect(products.products.map(({ productCode, version }) => [productCode, version])).toEqual([
      ['TXN', 1],
      ['SAVER', 1],
      ['TERM', 1],
      ['LOAN', 1],
    ]);
    expect(products.products[3]).toMatchObject({
      constraints: { minAmount: 2000, maxAmount: 50_000 },
      creditCriteria: { minIncome: 30_000, maxDtiRatio: 0.4 },
    });
  });

  it('pages lists: any limit gives the same list, the true total, and as many reads at any offset', async () => {
    const whole = (await ask('listAccounts', { tenantId, limit: 1000, offset: 0 })).accounts;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 170 }), async (limit) => {
        const pages = [];
        for (let offset = 0; offset < whole.length + limit; offset += limit) {
          const page = await ask('listAccounts', { tenantId, limit, offset });
          expect(reads).toBe(3); // cursors, list pages, details
          expect([page.total, page.limit, page.offset]).toEqual([whole.length, limit, offset]);
          pages.push(...page.accounts);
        }
        expect(pages).toEqual(whole);
      }),
      { numRuns: runs / 5 },
    );
    expect(await ask('listCustomers', { tenantId, limit: 5, offset: 1_000_000_000_000 })).toMatchObject({
      customers: [],
      total: 150,
    });
  });

  it('lists the accounts of one customer', async () => {
    const { customerId, accountId } = month.members[0]!;
    const { accounts, total } = await ask('listAccounts', { tenantId, customerId, limit: 50, offset: 0 });
    expect(accounts.map((account) => account.accountId)).toEqual([accountId, month.loanId]);
    expect(total).toBe(2);
    expect((await ask('listAccounts', { tenantId, customerId, limit: 50, offset: 1 })).accounts).toEqual(
      accounts.slice(1),
    );
    expect((await ask('getCustomer', { tenantId, customerId })).accountIds).toEqual([accountId, month.loanId]);
  });

  it('gives the events of an account, the same in pages of any size, each with its place in the hash chain', async () => {
    for (const accountId of [month.members[0]!.accountId, month.members[60]!.accountId, month.closedId, month.loanId]) {
      const own = events.filter((event) => isEventOf(event, accountId));
      const { events: whole, total } = await ask('getAccountEvents', { tenantId, accountId, limit: 1000, offset: 0 });
      expect(whole.map(({ seq, eventType, payload }) => ({ seq, type: eventType, payload }))).toEqual(
        own.map(({ seq, type, payload }) => ({ seq, type, payload })),
      );
      expect(total).toBe(own.length);
      expect((await ask('getAccount', { tenantId, accountId })).eventCount).toBe(own.length);
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 80 }),
          fc.integer({ min: 0, max: own.length + 40 }),
          async (limit, offset) => {
            const page = await ask('getAccountEvents', { tenantId, accountId, limit, offset });
            expect(page).toEqual({ events: whole.slice(offset, offset + limit), total, limit, offset });
            expect(reads).toBeLessThanOrEqual(2);
          },
        ),
        { numRuns: runs },
      );
    }
  });

  it('gives balances as of any day, whatever the order of the value dates', async () => {
    for (const accountId of [month.members[0]!.accountId, month.members[1]!.accountId, month.loanId]) {
      const changes = events.flatMap((event) =>
        event.type === 'AccountBalanceUpdated' && event.entityId === accountId ? [event.payload] : [],
      );
      for (let day = 0; day <= 31; day += 1) {
        const asOf = day === 0 ? '2024-12-31' : `2025-01-${String(day).padStart(2, '0')}`;
        const expected = changes
          .filter(({ valueDate }) => valueDate <= asOf)
          .reduce((sum, { deltaMinor }) => sum + deltaMinor, 0);
        expect([asOf, (await ask('getAccountBalance', { tenantId, accountId, asOf })).balance]).toEqual([
          asOf,
          fromMinor(expected, 2),
        ]);
      }
      const now = (await ask('getAccountBalance', { tenantId, accountId })).balance;
      expect(now).toBe((await ask('getAccount', { tenantId, accountId })).balance);
    }
  });

  it('shows a loan and a closed account as they are', async () => {
    expect(await ask('getAccount', { tenantId, accountId: month.loanId })).toMatchObject({
      balance: -10_000,
      minimumBalance: -10_000,
      maximumBalance: null,
      status: 'ACTIVE',
      productType: 'LOAN',
      loan: { principal: 10_000, termMonths: 36, rate: 0.1199 },
    });
    expect(await ask('getAccount', { tenantId, accountId: month.closedId })).toMatchObject({
      balance: 0,
      status: 'CLOSED',
    });
  });

  it('balances the books: all lines add up to zero, and each GL account to its postings', async () => {
    const trial = await ask('getTrialBalance', { tenantId });
    expect(trial.balance).toBe(0);
    expect(trial.debits).toBe(trial.credits);
    const balances = balancesOf(await readVerified(month.journal));
    for (const accountId of ['GL_CARD_SETTLEMENT', 'GL_CASH', 'GL_OPENING_DEPOSITS']) {
      const expected = fromMinor(balances.get(accountId) ?? 0, 2);
      expect(trial.lines.find(({ account }) => account === accountId)?.balance).toBe(expected);
      expect((await ask('getAccountBalance', { tenantId, accountId })).balance).toBe(expected);
    }
    expect(trial.lines.find(({ account }) => account === 'PRODUCT:LOAN')?.balance).toBe(-10_000);
    expect((await ask('getAccountBalance', { tenantId, accountId: 'GL_NEVER_POSTED' })).balance).toBe(0);
  });

  it('finds every entry by its id, and nothing by an id that is nearly one', async () => {
    const entries = events.filter((event) => event.type === 'EntryPosted' || event.type === 'FundsPosted');
    for (const event of entries.filter((_, index) => index % 9 === 0)) {
      const entry = await ask('getEntry', { tenantId, entryId: event.entityId });
      expect(entry).toMatchObject({
        commandId: event.causationId,
        chain: chainOfId(event.entityId),
        seq: event.seq,
        valueDate: event.payload.valueDate,
      });
      expect(entry.legs.map(({ amount }) => amount)).toEqual(
        event.payload.legs.map(({ amountMinor }) => fromMinor(amountMinor, 2)),
      );
      const forged = event.entityId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      for (const entryId of [forged, `${event.entityId}0`, 'ent_99_1_000000000000', 'ent_00_999999999_000000000000']) {
        expect(await queries.answer('getEntry', { tenantId, entryId })).toMatchObject({ outcome: 'notFound' });
      }
    }
  });

  it('lists the chains with heads and progress', async () => {
    const { chains } = await ask('listChains', { tenantId });
    expect(chains.map(({ chain }) => chain)).toEqual([
      ...Array.from({ length: 16 }, (_, index) => String(index).padStart(2, '0')),
      'catalog',
    ]);
    for (const { chain, headSeq, headHash, projectedSeq } of chains) {
      const last = await month.journal.lastCommit({ tenantId, chain });
      expect([headSeq, projectedSeq]).toEqual([last?.lastSeq ?? 0, headSeq]);
      expect(headHash).toBe(last?.headHash ?? sha256(`${tenantId}#chain#${chain}`));
    }
  });

  it('says so when there is no such tenant, customer or account', async () => {
    const page = { limit: 10, offset: 0 };
    for (const answer of [
      queries.answer('listCustomers', { tenantId: 'CU_NONE', ...page }),
      queries.answer('listChains', { tenantId: 'CU_TES' }),
      queries.answer('getCustomer', { tenantId, customerId: 'cust_00_none' }),
      queries.answer('listAccounts', { tenantId, customerId: 'cust_00_none', ...page }),
      queries.answer('getAccount', { tenantId, accountId: 'acc_00_none' }),
      queries.answer('getAccount', { tenantId, accountId: 'GL_CASH' }),
      queries.answer('getAccountEvents', { tenantId, accountId: 'GL_CASH', ...page }),
      queries.answer('getAccountEvents', { tenantId, accountId: 'account', ...page }),
      queries.answer('getAccountBalance', { tenantId, accountId: 'acc_00_none', asOf: '2025-01-01' }),
    ]) {
      expect((await answer).outcome).toBe('notFound');
    }
    expect(
      await queries.answer('getAccountBalance', { tenantId, accountId: 'GL_CASH', asOf: '2025-01-01' }),
    ).toMatchObject({ outcome: 'invalid' });
  });
});

/** What the statement of an account is to show, said in another way than the projection says it. */
function isEventOf(event: ChainEvent, accountId: string): boolean {
  if (event.entityId === accountId) return true;
  if (event.type !== 'EntryPosted' && event.type !== 'FundsPosted') return false;
  return (
    chainOfId(event.entityId) === chainOfId(accountId) && event.payload.legs.some((leg) => leg.accountId === accountId)
  );
}
