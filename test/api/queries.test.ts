import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventIdOf } from '../../src/core/chain/hash.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { move, openAccount } from '../support/ledger.ts';
import { addMembers, type Member, openBank } from './support/bank.ts';
import { submit, submitAll } from './support/submit.ts';

const tenantId = 'CU_TEST';
const path = { tenantId };
const FIRST_MEMBERS = 30;

let cloud: TestCloud;
let ledger: LedgerClient;
let members: Member[];
let customerId: string;
let accountId: string;
let loanId: string;
let entryId: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger();
  members = await openBank(ledger, { tenantId, members: FIRST_MEMBERS });
  ({ customerId, accountId } = members[0] ?? { customerId: '', accountId: '' });
  loanId = (
    await submit(
      ledger,
      openAccount(customerId, { id: 'loan', productCode: 'LOAN', loan: { principal: 10_000, termMonths: 24 } }),
    )
  ).entityId;
  const dated = (date: string, id: string, amount: number) =>
    move('GL_SALARY', accountId, amount, {
      id,
      change: { bookingDate: '2025-01-01', valueDate: date, tags: { category: 'INCOME' }, metadata: { note: id } },
    });
  const entries = await submitAll(ledger, [
    dated('2025-01-10', 'tenth', 10),
    dated('2025-01-05', 'fifth', 5),
    dated('2025-02-01', 'february', 200),
  ]);
  entryId = entries[0]?.entityId ?? '';
  await submit(ledger, move(loanId, accountId, 4_000, { id: 'drawdown' }));
  await cloud.cloud.settled();
});
afterAll(() => cloud.stop());

describe('queries', () => {
  it('gives one customer, with the accounts', async () => {
    const { data } = await ledger.GET('/tenants/{tenantId}/customers/{customerId}', {
      params: { path: { tenantId, customerId } },
    });
    expect(data).toMatchObject({
      customerId,
      externalRef: 'CUST-0',
      fullName: 'Jane Smith',
      dateOfBirth: '1988-05-17',
      accountIds: [accountId, loanId],
      employment: { annualIncome: 85_000 },
    });
  });

  it('gives one account, and a loan with its terms', async () => {
    const account = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}', {
      params: { path: { tenantId, accountId } },
    });
    expect(account.data).toMatchObject({
      accountId,
      customerId,
      productCode: 'TXN',
      balance: 4_315,
      currency: 'AUD',
      status: 'ACTIVE',
      minimumBalance: 0,
      maximumBalance: null,
    });
    const loan = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}', {
      params: { path: { tenantId, accountId: loanId } },
    });
    expect(loan.data).toMatchObject({
      productType: 'LOAN',
      balance: -4_000,
      minimumBalance: -10_000,
      loan: { principal: 10_000, termMonths: 24, rate: 0.1199 },
    });
  });

  it('gives the events of an account in pages, hashed as the contract says', async () => {
    const all = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/events', {
      params: { path: { tenantId, accountId } },
    });
    const events = all.data?.events ?? [];
    expect(events.map((event) => event.eventType)).toEqual([
      'AccountOpened',
      'FundsPosted',
      'AccountBalanceUpdated',
      ...Array.from({ length: 4 }, () => ['EntryPosted', 'AccountBalanceUpdated']).flat(),
    ]);
    expect(all.data).toMatchObject({ total: 11, limit: 100, offset: 0 });
    for (const [index, event] of events.entries()) {
      const { data } = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/events', {
        params: { path: { tenantId, accountId }, query: { limit: 1, offset: index } },
      });
      expect(data).toEqual({ events: [event], total: 11, limit: 1, offset: index });
      expect(event.tenantId).toBe(tenantId);
      expect(event.eventId).toBe(eventIdOf(event.hash));
    }
    const neighbours = events
      .slice(1)
      .flatMap((event, index) => (events[index]?.seq === event.seq - 1 ? [[events[index].hash, event.prevHash]] : []));
    expect(neighbours.length).toBeGreaterThan(0);
    for (const [hash, prevHash] of neighbours) expect(prevHash).toBe(hash);
  });

  it('gives balances now and as of a day, by value date', async () => {
    const balance = async (asOf?: string) =>
      (
        await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/balance', {
          params: { path: { tenantId, accountId }, query: { ...(asOf !== undefined && { asOf }) } },
        })
      ).data;
    expect(await balance()).toEqual({ accountId, currency: 'AUD', balance: 4_315 });
    expect(await balance('2024-12-31')).toMatchObject({ asOf: '2024-12-31', balance: 0 });
    expect(await balance('2025-01-04')).toMatchObject({ balance: 4_100 });
    expect(await balance('2025-01-05')).toMatchObject({ balance: 4_105 });
    expect(await balance('2025-01-10')).toMatchObject({ balance: 4_115 });
    expect(await balance('2025-01-31')).toMatchObject({ balance: 4_115 });
    expect(await balance('2025-02-01')).toMatchObject({ balance: 4_315 });
    const ledgerAccount = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/balance', {
      params: { path: { tenantId, accountId: 'GL_SALARY' } },
    });
    expect(ledgerAccount.data).toEqual({ accountId: 'GL_SALARY', currency: 'AUD', balance: -215 });
  });

  it('gives an entry as it was posted', async () => {
    const { data } = await ledger.GET('/tenants/{tenantId}/entries/{entryId}', {
      params: { path: { tenantId, entryId } },
    });
    expect(data).toMatchObject({
      entryId,
      bookingDate: '2025-01-01',
      valueDate: '2025-01-10',
      currency: 'AUD',
      narrative: 'Test',
      tags: { category: 'INCOME' },
      metadata: { note: 'tenth' },
      legs: [
        { accountId: 'GL_SALARY', direction: 'CREDIT', amount: 10 },
        { accountId, direction: 'DEBIT', amount: 10 },
      ],
    });
  });

  it('gives the products with amounts as they were sent', async () => {
    const { data } = await ledger.GET('/tenants/{tenantId}/products', { params: { path } });
    expect(data).toMatchObject({ total: 4, limit: 50, offset: 0 });
    expect(data?.products.find((product) => product.productCode === 'SAVER')).toMatchObject({
      version: 1,
      status: 'ACTIVE',
      interest: { baseRate: 0.015, bonusRate: 0.03 },
      constraints: { minBalance: 0, maxBalance: 5_000 },
    });
  });

  it('gives a trial balance of zero, whose lines add up', async () => {
    const { data } = await ledger.GET('/tenants/{tenantId}/trial-balance', { params: { path } });
    expect(data).toMatchObject({ currency: 'AUD', balance: 0 });
    const lines = new Map(data?.lines.map((line) => [line.account, line.balance]));
    expect(Object.fromEntries(lines)).toEqual({
      GL_OPENING_DEPOSITS: -100 * FIRST_MEMBERS,
      GL_SALARY: -215,
      'PRODUCT:LOAN': -4_000,
      'PRODUCT:TXN': 100 * FIRST_MEMBERS + 4_215,
    });
    expect(data?.debits).toBe(data?.credits);
  });

  it('gives the chains, with views that have caught up with their heads', async () => {
    const { data } = await ledger.GET('/tenants/{tenantId}/chains', { params: { path } });
    expect(data?.chains.map((each) => each.chain)).toEqual([
      ...Array.from({ length: 16 }, (_, index) => String(index).padStart(2, '0')),
      'catalog',
    ]);
    for (const { headSeq, projectedSeq, headHash } of data?.chains ?? []) {
      expect(projectedSeq).toBe(headSeq);
      expect(headHash).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(data?.chains.at(-1)?.headSeq).toBe(5);
  });

  it('lists the accounts of one customer', async () => {
    const { data } = await ledger.GET('/tenants/{tenantId}/accounts', { params: { path, query: { customerId } } });
    expect(data).toMatchObject({ total: 2, limit: 50, offset: 0 });
    expect(data?.accounts.map((account) => account.accountId)).toEqual([accountId, loanId]);
    const second = await ledger.GET('/tenants/{tenantId}/accounts', {
      params: { path, query: { customerId, limit: 1, offset: 1 } },
    });
    expect(second.data).toMatchObject({ total: 2, accounts: [{ accountId: loanId }] });
  });
});

describe('lists', () => {
  const pageOf = async (kind: 'customers' | 'accounts', query: { limit: number; offset: number }) => {
    if (kind === 'customers') {
      const { data } = await ledger.GET('/tenants/{tenantId}/customers', { params: { path, query } });
      return { ids: data?.customers.map((each) => each.customerId) ?? [], total: data?.total ?? -1 };
    }
    const { data } = await ledger.GET('/tenants/{tenantId}/accounts', { params: { path, query } });
    return { ids: data?.accounts.map((each) => each.accountId) ?? [], total: data?.total ?? -1 };
  };
  async function readThrough(
    kind: 'customers' | 'accounts',
    limit: number,
  ): Promise<{ ids: string[]; totals: number[] }> {
    const ids: string[] = [];
    const totals: number[] = [];
    for (let offset = 0; ; offset += limit) {
      const page = await pageOf(kind, { limit, offset });
      ids.push(...page.ids);
      totals.push(page.total);
      if (page.ids.length < limit) return { ids, totals };
    }
  }

  it.each([1, 7, 30, 1000])('page by %i with everything once and the true total', async (limit) => {
    for (const [kind, total] of [
      ['customers', FIRST_MEMBERS],
      ['accounts', FIRST_MEMBERS + 1],
    ] as const) {
      const { ids, totals } = await readThrough(kind, limit);
      expect(ids).toHaveLength(total);
      expect(new Set(ids).size).toBe(total);
      expect(new Set(totals)).toEqual(new Set([total]));
    }
  });

  it('are empty, with the true total, beyond the end', async () => {
    expect(await pageOf('customers', { limit: 10, offset: FIRST_MEMBERS })).toEqual({ ids: [], total: FIRST_MEMBERS });
    expect(await pageOf('accounts', { limit: 10, offset: Number.MAX_SAFE_INTEGER })).toEqual({
      ids: [],
      total: FIRST_MEMBERS + 1,
    });
  });

  it('never show a row twice in a page, and totals that only rise, while the data grow; and catch up within moments', async () => {
    const growth = { more: true };
    let least = 0;
    let seen = 0;
    const growing = (async () => {
      for (let from = FIRST_MEMBERS; from < 330; from += 30) {
        await addMembers(ledger, { tenantId, from, to: from + 30 });
        if (from % 90 !== 0) continue;
        // The views follow in their own time: the readers are to see them grow while more is on its way.
        const before = seen;
        await cloud.cloud.settled();
        await expect.poll(() => seen).toBeGreaterThan(before);
      }
    })().finally(() => {
      growth.more = false;
    });
    while (growth.more) {
      for (const kind of ['customers', 'accounts'] as const) {
        const page = await pageOf(kind, { limit: 1000, offset: 0 });
        expect(new Set(page.ids).size).toBe(page.ids.length);
        // A total counts what the views hold, and the page was read right after it.
        expect(page.ids).toHaveLength(page.total);
        if (kind === 'customers') {
          expect(page.total).toBeGreaterThanOrEqual(least);
          if (page.total > least) seen += 1;
          least = page.total;
        }
      }
    }
    await growing;
    expect(seen).toBeGreaterThan(1);
    const caughtUpFrom = performance.now();
    await cloud.cloud.settled();
    expect(performance.now() - caughtUpFrom).toBeLessThan(5_000);
    expect((await readThrough('customers', 100)).ids).toHaveLength(330);
    expect((await readThrough('accounts', 100)).totals[0]).toBe(331);
    const { data } = await ledger.GET('/tenants/{tenantId}/trial-balance', { params: { path } });
    expect(data?.balance).toBe(0);
  });
});
