import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../contract/invariants.ts';
import { audit, TenantUnknownError } from './audit.ts';
import { openTestBank } from './testing/bank.ts';
import { breachesOf } from './testing/breaches.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

async function tablesOf(...banks: { items(): ReturnType<ReturnType<typeof openTestBank>['bank']['items']> }[]) {
  const journal = banks.flatMap((bank) => bank.items());
  return { journal, views: await projectViews(journal) };
}

async function digestOf({ bank }: ReturnType<typeof openTestBank>): Promise<string> {
  return (await audit({ source: memorySource(await tablesOf(bank)) })).digest;
}

describe('a journal in order', () => {
  it('draws no breach, and every invariant was checked many times', async () => {
    const result = await audit({ source: memorySource(await tablesOf(openTestBank().bank)) });
    for (const name of INVARIANTS) {
      expect(result.invariants[name].breaches).toBe(0);
      expect(result.invariants[name].checked).toBeGreaterThan(30);
      expect(result.tenants[0]?.invariants[name].evidence).toEqual([]);
    }
    expect(result.tenants[0]?.views).toMatchObject({ state: 'compared', rows: 20 });
  });

  it('is counted in the same pass', async () => {
    const result = await audit({ source: memorySource(await tablesOf(openTestBank().bank)) });
    expect(result.tenants[0]?.statistics).toMatchObject({
      members: 3,
      accounts: 5,
      accountsByProduct: { TXN: 2, SAVER: 1, TERM: 1, LOAN: 1 },
      entries: 4,
      volumeMinor: 45_60 + 20_00 + 10_00 + 1_500_00,
      openingDeposits: { entries: 3, volumeMinor: 350_00 },
      events: 37,
      loans: { applications: 2, approved: 1, refused: 1 },
      commands: { accepted: 17, refused: 2 },
      refusedByError: { InsufficientFunds: 1, CreditScoreTooLow: 1 },
      byDay: [
        { date: '2025-01-03', entries: 3, volumeMinor: 75_60, accepted: 17, refused: 2 },
        { date: '2025-01-04', entries: 1, volumeMinor: 1_500_00, accepted: 0, refused: 0 },
      ],
      byCategory: [
        { category: 'LOAN', entries: 1, volumeMinor: 1_500_00 },
        { category: 'GROCERIES', entries: 3, volumeMinor: 75_60 },
      ],
      balancesByDay: [
        { date: '2025-01-01', depositsMinor: 350_00, loansMinor: 0 },
        { date: '2025-01-03', depositsMinor: 304_40, loansMinor: 0 },
        { date: '2025-01-04', depositsMinor: 1_804_40, loansMinor: -1_500_00 },
      ],
    });
  });

  it('has a digest that hangs on every byte of it', async () => {
    const [same, again] = [await digestOf(openTestBank()), await digestOf(openTestBank())];
    expect(same).toBe(again);
    const other = openTestBank();
    other.bank.post({ [other.spending]: -1, GL_CARD_CLEARING: 1 });
    expect(await digestOf(other)).not.toBe(same);
  });

  it('lets accounts close, overdrafts be used and openings be taken back', async () => {
    const { bank, jane, saver, spending, term } = openTestBank();
    bank.product('FLEX', { constraints: { allowOverdraft: true, overdraftLimitMinor: 100_00 } });
    const flex = bank.open(jane, { productCode: 'FLEX', terms: { floorMinor: -100_00 } });
    bank.post({ [flex]: -100_00, GL_CASH: 100_00 });
    bank.post({ [saver]: -20_00, [spending]: 20_00 }, { closes: [saver] });
    bank.post(
      { [term]: -100_00, GL_OPENING_DEPOSITS: 100_00 },
      { entry: { metadata: { reverses: bank.openedBy(term) } }, closes: [term] },
    );
    expect(await breachesOf(bank.items())).toEqual({});
  });

  it('lets a term deposit pay out what is booked when it matures, to any chain', async () => {
    const { bank, joan, term, other } = openTestBank();
    const entry = { bookingDate: '2025-07-03', valueDate: '2025-07-03' };
    const [home, away] = [term, other];
    bank.post({ [home]: 30_00, GL_CASH: -30_00 });
    bank.post({ [home]: -10_00, GL_CASH: 10_00 }, { entry });
    bank.post({ [home]: -10_00, [away]: 10_00 }, { entry });
    bank.post({ [away]: 10_00, [home]: -10_00 }, { entry });
    // Taken back without being closed: at zero it is below its least balance.
    const second = bank.open(joan, {
      productCode: 'TERM',
      depositMinor: 100_00,
      terms: { productType: 'TERM_DEPOSIT', floorMinor: 100_00, maturesOn: '2025-07-03' },
    });
    bank.post(
      { [second]: -100_00, GL_OPENING_DEPOSITS: 100_00 },
      { entry: { metadata: { reverses: bank.openedBy(second) } } },
    );
    expect(await breachesOf(bank.items())).toEqual({});
  });

  it('closes accounts of another chain', async () => {
    const { bank, spending, other } = openTestBank();
    bank.post({ [spending]: 60_00 + 1_500_00, [other]: -60_00 - 1_500_00 }, { closes: [other] });
    expect(await breachesOf(bank.items())).toEqual({});
  });
});

describe('several tenants', () => {
  it('are audited together, and their digests make one', async () => {
    const tables = await tablesOf(openTestBank('CU_A').bank, openTestBank('CU_AB').bank);
    const all = await audit({ source: memorySource(tables) });
    expect(all.tenants.map(({ tenantId }) => tenantId)).toEqual(['CU_A', 'CU_AB']);
    expect(INVARIANTS.map((name) => all.invariants[name].breaches)).toEqual([0, 0, 0, 0, 0]);
    const one = await audit({ source: memorySource(tables), tenantId: 'CU_A' });
    expect(one.tenants).toHaveLength(1);
    expect(one.tenants[0]?.digest).toBe(all.tenants[0]?.digest);
    expect(all.invariants.HASH_CHAIN.checked).toBe(2 * one.invariants.HASH_CHAIN.checked);
  });

  it('refuses to audit one that does not exist', async () => {
    const source = memorySource(await tablesOf(openTestBank().bank));
    await expect(audit({ source, tenantId: 'CU_NONE' })).rejects.toThrow(TenantUnknownError);
  });
});
