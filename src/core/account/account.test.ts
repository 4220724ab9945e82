import { describe, expect, it } from 'vitest';
import type { OpenAccount } from '../command.ts';
import type { Customer } from '../customer/customer.ts';
import type { Product } from '../product/product.ts';
import { decideOpenAccount } from './account.ts';

const tenant = {
  tenantCode: 'CU_A',
  displayName: 'A',
  region: 'AU',
  baseCurrency: 'AUD',
  currencyExponent: 2,
  timeZone: 'Australia/Sydney',
  chains: 16,
};
const deposit: Product = {
  productCode: 'P',
  name: 'P',
  productType: 'DEPOSIT',
  status: 'ACTIVE',
  interest: { rate: 0 },
  constraints: { minBalanceMinor: 1_000, maxBalanceMinor: 5_000 },
};
const loan: Product = {
  ...deposit,
  productType: 'LOAN',
  constraints: { minAmountMinor: 200_000, maxAmountMinor: 5_000_000, termMonthsDefault: 36 },
  creditCriteria: { minIncomeMinor: 3_000_000, maxDtiRatio: 0.4, minCreditScore: 600 },
};
const member: Customer = { annualIncomeMinor: 8_500_000, creditScore: 720, loanPrincipalMinor: 0, accounts: 0 };

function open(
  payload: Partial<OpenAccount>,
  context: { product?: Product; customer?: Customer; openingDepositsMinor?: number } = {},
) {
  const { product = deposit, customer = member, openingDepositsMinor = -7 } = context;
  return decideOpenAccount(
    {
      commandId: 'c',
      occurredAt: '2025-01-31T13:00:00Z',
      actor: 'SYSTEM:X',
      key: '0123456789abcdef0123456789abcdef',
      digest: 'd',
      type: 'OpenAccount',
      payload: { customerId: 'cust_07_a', productCode: 'P', currency: 'AUD', initialDepositMinor: 1_000, ...payload },
    },
    { tenant, chain: '07', nextSeq: 5, customer, product, openingDepositsMinor },
  );
}

describe('decideOpenAccount', () => {
  it('opens with the terms of the product and posts the deposit as an entry on the tenant’s day', () => {
    const decision = open({ initialDepositMinor: 2_500 });
    expect(decision).toMatchObject({ outcome: 'accepted', entityId: 'acc_07_0123456789abcdef0123' });
    if (decision.outcome !== 'accepted') throw new Error('refused');
    const [opened, funds, ledger, account] = decision.events;
    expect(opened).toMatchObject({ type: 'AccountOpened', payload: { floorMinor: 1_000, ceilingMinor: 5_000 } });
    // 13:00 UTC is past midnight in Sydney; the entry stands at seq 6, after the opening.
    expect(funds).toMatchObject({
      type: 'FundsPosted',
      entityId: 'ent_07_6_0123456789ab',
      payload: { bookingDate: '2025-02-01' },
    });
    expect(ledger).toMatchObject({
      entityId: 'GL_OPENING_DEPOSITS',
      payload: { deltaMinor: -2_500, balanceMinor: -2_507 },
    });
    expect(account).toMatchObject({ entityId: 'acc_07_0123456789abcdef0123', payload: { balanceMinor: 2_500 } });
  });

  it('gives a customer no more than a thousand accounts', () => {
    expect(open({}, { customer: { ...member, accounts: 999 } }).outcome).toBe('accepted');
    expect(open({}, { customer: { ...member, accounts: 1_000 } })).toMatchObject({ error: 'AccountLimitReached' });
  });

  it('makes an overdraft the floor, and lets a term deposit mature by the calendar', () => {
    const overdraft = { ...deposit, constraints: { allowOverdraft: true, overdraftLimitMinor: 300 } };
    expect(open({ initialDepositMinor: 0 }, { product: overdraft })).toMatchObject({
      events: [{ payload: { floorMinor: -300 } }],
    });
    const term: Product = { ...deposit, productType: 'TERM_DEPOSIT', constraints: { termMonthsDefault: 6 } };
    expect(open({}, { product: term })).toMatchObject({
      events: [{ payload: { maturesOn: '2025-08-01' } }, {}, {}, {}],
    });
  });

  it('keeps the bounds of the product', () => {
    expect(open({ initialDepositMinor: 999 })).toMatchObject({ error: 'InitialDepositTooLow' });
    expect(open({ initialDepositMinor: 5_000 }).outcome).toBe('accepted');
    expect(open({ initialDepositMinor: 5_001 })).toMatchObject({ error: 'MaximumBalanceExceeded' });
    const openingDepositsMinor = -Number.MAX_SAFE_INTEGER + 999;
    expect(open({}, { openingDepositsMinor })).toMatchObject({ error: 'BalanceOutOfRange' });
  });

  it('decides a loan application by income, score and debt, each at its very bound', () => {
    const apply = (principalMinor: number, customer: Partial<Customer> = {}) =>
      open(
        { initialDepositMinor: 0, loan: { principalMinor } },
        { product: loan, customer: { ...member, ...customer } },
      );
    expect(apply(3_400_000)).toMatchObject({
      outcome: 'accepted',
      events: [
        { payload: { floorMinor: -3_400_000, ceilingMinor: null } },
        { type: 'LoanFacilityCreated', payload: { termMonths: 36 } },
      ],
    });
    expect(apply(3_400_001)).toMatchObject({ error: 'DebtToIncomeTooHigh' });
    expect(apply(2_400_001, { loanPrincipalMinor: 1_000_000 })).toMatchObject({ error: 'DebtToIncomeTooHigh' });
    expect(apply(1_200_000, { annualIncomeMinor: 3_000_000 }).outcome).toBe('accepted');
    expect(apply(200_000, { annualIncomeMinor: 2_999_999 })).toMatchObject({ error: 'IncomeTooLow' });
    expect(apply(200_000, { annualIncomeMinor: undefined })).toMatchObject({ error: 'IncomeTooLow' });
    expect(apply(200_000, { creditScore: 600 }).outcome).toBe('accepted');
    expect(apply(200_000, { creditScore: undefined })).toMatchObject({ error: 'CreditScoreTooLow' });
    expect(apply(199_999)).toMatchObject({ error: 'LoanAmountOutOfRange' });
    expect(apply(5_000_001)).toMatchObject({ error: 'LoanAmountOutOfRange' });
  });

  it('lends the least amount for the default term when the application names neither', () => {
    expect(open({ initialDepositMinor: 0 }, { product: loan })).toMatchObject({
      events: [{}, { payload: { principalMinor: 200_000, termMonths: 36 } }],
    });
  });
});
