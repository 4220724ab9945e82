import { describe, expect, it } from 'vitest';
import { commitsOfDrafts, customer, type Draft, entry, opened } from '../../../test/support/commits.ts';
import { createWitness, projectChain, projectorOn } from '../../../test/support/deliveries.ts';
import { createMemoryJournal } from '../../journal/memory-journal.ts';
import type { Commit } from '../../journal/port.ts';
import { createMemoryViews } from '../store/memory-views.ts';

const ref = { tenantId: 'CU_TEST', chain: '00' };
const account = 'acc_00_a';
const deposit = (amountMinor: number, id = 'ent_00_1'): Draft[] =>
  entry(id, [
    { accountId: 'GL_CASH', deltaMinor: -amountMinor, balanceMinor: -amountMinor },
    { accountId: account, deltaMinor: amountMinor, balanceMinor: amountMinor },
  ]);

/** Projects a chain with nothing but these commits. @returns the breaches seen */
async function breachesOf(commits: readonly Commit[], call: { images?: readonly Commit[] } = {}) {
  const journal = createMemoryJournal();
  await journal.append({ commits: [...commits], reservations: [] });
  const monitor = createWitness();
  const views = createMemoryViews();
  const cursor = await projectChain(projectorOn(journal, views, { monitor }), { ref, ...call });
  expect(cursor.seq).toBe(commits.at(-1)?.lastSeq); // whatever is wrong, the projection goes on
  return monitor.breaches.map(({ invariant, seq, reason }) => ({ invariant, seq, reason }));
}
/** The drafts follow the creation of the accounts' customer. @returns the breaches by the place among the drafts */
async function breachesOfDrafts(...batches: Draft[][]) {
  const breaches = await breachesOf(commitsOfDrafts(ref, [[customer()], ...batches]));
  return breaches.map((breach) => ({ ...breach, seq: breach.seq - 1 }));
}

describe('the live monitor', () => {
  it('finds nothing wrong with a chain that keeps the rules', async () => {
    const closing = entry('ent_00_9', [
      { accountId: account, deltaMinor: -500, balanceMinor: 0 },
      { accountId: 'GL_CASH', deltaMinor: 500, balanceMinor: 0 },
    ]);
    const closed: Draft = { type: 'AccountClosed', entityId: account, payload: { entryId: 'ent_00_9' } };
    // Below its floor of 100 the account may only go where it closes.
    const breaches = await breachesOfDrafts(
      [opened(account, { floorMinor: 100 }), ...deposit(500)],
      [...closing.slice(0, 2), closed, ...closing.slice(2)],
    );
    expect(breaches).toEqual([]);
  });

  it('finds an entry whose debits and credits differ', async () => {
    const legs = [{ accountId: account, direction: 'DEBIT' as const, amountMinor: 500 }];
    const breaches = await breachesOfDrafts([
      opened(account),
      ...entry('ent_00_2', [{ accountId: account, deltaMinor: 500, balanceMinor: 500 }], { legs }),
    ]);
    expect(breaches).toEqual([
      { invariant: 'BALANCED_ENTRIES', seq: 2, reason: 'Debits and credits of an entry differ' },
    ]);
  });

  it('finds a balance that changes by another amount than its leg, and a leg without a change', async () => {
    const [posted, cash] = deposit(500);
    const other: Draft = {
      type: 'AccountBalanceUpdated',
      entityId: account,
      payload: { entryId: 'ent_00_1', valueDate: '2025-01-03', deltaMinor: 400, balanceMinor: 400 },
    };
    expect(await breachesOfDrafts([opened(account), posted!, cash!, other])).toMatchObject([
      { invariant: 'BALANCED_ENTRIES', seq: 4 },
    ]);
    expect(await breachesOfDrafts([opened(account), posted!, cash!])).toMatchObject([
      { invariant: 'BALANCED_ENTRIES', seq: 2, reason: 'A leg of an entry changes no balance' },
    ]);
  });

  it('finds a balance that is not the sum of what was posted, of a member and in the general ledger', async () => {
    const wrong = entry('ent_00_2', [
      { accountId: account, deltaMinor: 100, balanceMinor: 601 },
      { accountId: 'GL_CASH', deltaMinor: -100, balanceMinor: -599 },
    ]);
    const breaches = await breachesOfDrafts([opened(account), ...deposit(500)], wrong);
    expect(breaches.map(({ invariant, seq }) => [invariant, seq])).toEqual([
      ['DERIVED_BALANCES', 6],
      ['DERIVED_BALANCES', 7],
    ]);
  });

  it('finds money on an account that was never opened', async () => {
    expect(await breachesOfDrafts(deposit(500))).toMatchObject([
      { invariant: 'DERIVED_BALANCES', seq: 3 },
      { invariant: 'TENANT_ISOLATION', seq: 3 },
    ]);
  });

  it('finds a balance beyond the floor and the ceiling of its account', async () => {
    const overdraw = entry('ent_00_5', [
      { accountId: account, deltaMinor: -501, balanceMinor: -1 },
      { accountId: 'GL_CASH', deltaMinor: 501, balanceMinor: 1 },
    ]);
    expect(await breachesOfDrafts([opened(account), ...deposit(500)], overdraw)).toMatchObject([
      { invariant: 'ACCOUNT_CONSTRAINTS', seq: 6 },
    ]);
    expect(await breachesOfDrafts([opened(account, { ceilingMinor: 499 }), ...deposit(500)])).toMatchObject([
      { invariant: 'ACCOUNT_CONSTRAINTS', seq: 4 },
    ]);
  });

  it('finds a closed account that moves, and one that closes with money on it', async () => {
    const closed: Draft = { type: 'AccountClosed', entityId: account, payload: { entryId: 'ent_00_1' } };
    expect(await breachesOfDrafts([opened(account), closed], deposit(500))).toMatchObject([
      { invariant: 'ACCOUNT_CONSTRAINTS', seq: 5 },
    ]);
    expect(await breachesOfDrafts([opened(account), ...deposit(500), closed])).toMatchObject([
      { invariant: 'ACCOUNT_CONSTRAINTS', seq: 5 },
    ]);
  });

  it('finds a term deposit that pays out early, unless its opening is reversed', async () => {
    const terms = { floorMinor: 500, maturesOn: '2025-07-01', productType: 'TERM_DEPOSIT' as const };
    const payout = (metadata?: Record<string, unknown>, amountMinor = 500) =>
      entry(
        'ent_00_5',
        [
          { accountId: account, deltaMinor: -amountMinor, balanceMinor: 500 - amountMinor },
          { accountId: 'GL_CASH', deltaMinor: amountMinor, balanceMinor: amountMinor - 500 },
        ],
        { ...(metadata && { metadata }) },
      );
    expect(await breachesOfDrafts([opened(account, terms), ...deposit(500)], payout({ reverses: 'x' }))).toEqual([]);
    const inPart = await breachesOfDrafts([opened(account, terms), ...deposit(500)], payout({ reverses: 'x' }, 400));
    expect(inPart[0]?.reason).toBe('A term deposit pays out before it matures');
    const breaches = await breachesOfDrafts([opened(account, terms), ...deposit(500)], payout());
    expect(breaches.map(({ reason }) => reason)).toEqual([
      'A term deposit pays out before it matures',
      'A balance falls below the least its account allows',
    ]);
  });

  it('finds a chain whose bytes were changed, that has a gap, or that misnumbers its events', async () => {
    const commits = commitsOfDrafts(ref, [[customer(), opened(account)], deposit(500), deposit(1, 'ent_00_6')]);
    const [first, second, third] = commits as [Commit, Commit, Commit];
    const changed = { ...second, body: second.body.replaceAll('"Test"', '"Tost"') };
    expect(await breachesOf([first, changed])).toMatchObject([{ invariant: 'HASH_CHAIN', seq: 3 }]);
    expect((await breachesOf([first, third])).map(({ invariant }) => invariant)).toContain('HASH_CHAIN');
    expect(await breachesOf([first, { ...second, prevHash: third.prevHash }])).toMatchObject([
      { invariant: 'HASH_CHAIN', seq: 3 },
    ]);
    const misnumbered = commitsOfDrafts(ref, [[customer(), Object.assign(opened('acc_00_b'), { seq: 7 })]]);
    const found = { invariant: 'HASH_CHAIN', seq: 1, reason: 'Expected event 2, found 7' };
    expect(await breachesOf(misnumbered)).toMatchObject([found]);
    expect(await breachesOf(misnumbered, { images: misnumbered })).toMatchObject([found]);
  });

  it('finds forged amounts that are no whole numbers, and the projection goes on', async () => {
    const forged = (change: object): Draft[] => {
      const [posted, cash, member] = deposit(500);
      return [posted!, { ...cash!, payload: { ...cash!.payload, ...change } } as Draft, member!]; // as no ledger writes it
    };
    for (const change of [{ deltaMinor: 0.5 }, { deltaMinor: '500' }, { deltaMinor: null }]) {
      const breaches = await breachesOfDrafts([opened(account), ...forged(change)]);
      expect(breaches.map(({ invariant }) => invariant)).toContain('DERIVED_BALANCES');
    }
  });

  it("finds another tenant's creation on a chain", async () => {
    const created: Draft = {
      type: 'TenantCreated',
      entityId: 'CU_OTHER',
      payload: {
        tenantCode: 'CU_OTHER',
        displayName: '',
        region: 'AU',
        baseCurrency: 'AUD',
        currencyExponent: 2,
        timeZone: 'UTC',
        chains: 16,
      },
    };
    expect(await breachesOfDrafts([created])).toMatchObject([{ invariant: 'TENANT_ISOLATION', seq: 1 }]);
  });

  it('finds what was made for another place, another customer or another tenant', async () => {
    const isolated = async (...batches: Draft[][]) =>
      (await breachesOfDrafts(...batches)).map(({ invariant, reason }) => `${invariant}: ${reason}`);
    const notMade = 'TENANT_ISOLATION: An id was not made for the place where it stands';
    expect(await isolated([customer('cust_01_a')])).toEqual([notMade]);
    expect(await isolated([opened('acc_01_a')])).toEqual([notMade]);
    const key = 'ab'.repeat(16);
    const command = { type: 'OpenAccount', key, digest: key, actor: 'x', events: 1 };
    expect(await isolated([Object.assign(opened(`acc_00_${key.slice(0, 20)}`), { command })])).toEqual([]);
    expect(await isolated([Object.assign(opened(`acc_00_${'cd'.repeat(10)}`), { command })])).toEqual([notMade]);
    const stranger = 'TENANT_ISOLATION: An account names a customer who is not on this chain';
    expect(await isolated([opened(account, { customerId: 'cust_00_b' })])).toEqual([stranger]);
    const nowhere = entry('ent_00_1', [
      { accountId: 'GL_CASH', deltaMinor: -5, balanceMinor: -5 },
      { accountId: 'someone', deltaMinor: 5, balanceMinor: 5 },
    ]);
    expect(await isolated(nowhere.slice(0, 2))).toEqual([
      'TENANT_ISOLATION: An entry names an account that no ledger has opened',
    ]);
    const product: Draft = {
      type: 'ProductCreated',
      entityId: 'TXN',
      payload: { productCode: 'TXN', name: '', productType: 'DEPOSIT', status: 'ACTIVE', interest: {} },
    };
    expect(await isolated([product])).toEqual(['TENANT_ISOLATION: A product does not stand where products do']);
  });

  it('finds entries of one leg, of nothing, and opening deposits from elsewhere', async () => {
    const none = entry('ent_00_1', [
      { accountId: 'GL_CASH', deltaMinor: 0, balanceMinor: 0 },
      { accountId: account, deltaMinor: 0, balanceMinor: 0 },
    ]);
    expect(await breachesOfDrafts([opened(account), ...none])).toMatchObject([
      { invariant: 'BALANCED_ENTRIES', seq: 2, reason: 'An entry needs two legs or more, each above zero' },
    ]);
    const [posted, ...effects] = deposit(500);
    const funds = { ...posted!, type: 'FundsPosted', payload: { ...posted!.payload, accountId: account } } as Draft; // in the other's form
    expect(await breachesOfDrafts([opened(account), funds, ...effects])).toMatchObject([
      { invariant: 'BALANCED_ENTRIES', seq: 2, reason: expect.stringContaining('opening deposit') },
    ]);
  });

  it('finds entries that take effect before they are booked, and accounts opened with too little', async () => {
    const [posted, ...effects] = deposit(500);
    const early = { ...posted!, payload: { ...posted!.payload, bookingDate: '2025-01-04' } } as Draft;
    expect(await breachesOfDrafts([opened(account), early, ...effects])).toMatchObject([
      { invariant: 'ACCOUNT_CONSTRAINTS', seq: 2, reason: 'An entry takes effect before it is booked' },
    ]);
    expect(await breachesOfDrafts([opened(account, { floorMinor: 501 }), ...deposit(500)])).toMatchObject([
      { invariant: 'ACCOUNT_CONSTRAINTS', seq: 1 },
    ]);
  });

  it('finds changes for entries that cannot stand where they are said to, and those of another day', async () => {
    const away = (home: string): Draft => ({
      type: 'AccountBalanceUpdated',
      entityId: account,
      payload: { entryId: 'ent_07_1', home, valueDate: '2025-01-03', deltaMinor: 5, balanceMinor: 5 },
    });
    expect(await breachesOfDrafts([opened(account), away('07')])).toEqual([]);
    for (const home of ['00', '08'])
      expect(await breachesOfDrafts([opened(account), away(home)])).toMatchObject([
        { invariant: 'BALANCED_ENTRIES', seq: 2 },
      ]);
    const [posted, cash, member] = deposit(500);
    const later = { ...member!, payload: { ...member!.payload, valueDate: '2025-01-09' } } as Draft;
    expect(await breachesOfDrafts([opened(account), posted!, cash!, later])).toMatchObject([
      { invariant: 'BALANCED_ENTRIES', seq: 4, reason: 'A balance changes on another day than its entry says' },
    ]);
  });
});
