import type { CommandEnvelope, CommandOf, CommandType } from '../src/contract/envelope.ts';

/** Examples of the reference page: the payloads of the contract's own text. */
const actor = { actorType: 'SYSTEM', actorId: 'TWIN_ORCHESTRATOR' } as const;

function example<Type extends CommandType>(commandType: Type, suffix: string, payload: CommandOf<Type>['payload']) {
  return {
    commandId: `7c1c3cf1-3da2-4a6c-baea-0329cfa25d${suffix}`,
    tenantId: 'CU_DIGITAL',
    commandType,
    actor,
    timestamp: '2025-01-01T00:00:00Z',
    payload,
    idempotencyKey: `example-${commandType}-${suffix}`,
  };
}

export const commandExamples = [
  example('CreateTenant', '01', {
    tenantCode: 'CU_DIGITAL',
    displayName: 'CU Digital Twin',
    region: 'AU',
    baseCurrency: 'AUD',
    timeZone: 'Australia/Sydney',
    regulatoryJurisdiction: 'APRA',
    businessType: 'CREDIT_UNION',
  }),
  example('UpsertProduct', '02', {
    productCode: 'TXN_ACCOUNT_BASIC',
    name: 'Everyday Transaction Account',
    productType: 'DEPOSIT',
    category: 'TRANSACTION',
    interest: { rate: 0, calculationMethod: 'DAILY_BALANCE', paymentFrequency: 'MONTHLY' },
    fees: { monthlyFee: 0, atmFeeOwn: 0, atmFeeOther: 2.5 },
    constraints: { minBalance: 0, maxBalance: null, allowOverdraft: false, overdraftLimit: 0 },
    features: ['NPP_ENABLED', 'BPAY_ENABLED', 'CARD_ENABLED'],
  }),
  example('CreateCustomer', '03', {
    externalRef: 'CUST-000123',
    person: {
      firstName: 'Jane',
      lastName: 'Smith',
      dateOfBirth: '1988-05-17',
      email: 'jane.smith@example.com',
      mobile: '+61491570006',
    },
  }),
  example('OpenAccount', '04', {
    customerId: 'cust_07_5f0c2f3c9d5e4b7a8c1d',
    productCode: 'TXN_ACCOUNT_BASIC',
    accountAlias: 'Everyday Account',
    initialDeposit: 1000,
    currency: 'AUD',
    accountPurpose: 'PRIMARY_TRANSACTION',
  }),
  example('PostEntry', '05', {
    bookingDate: '2025-01-03',
    valueDate: '2025-01-03',
    currency: 'AUD',
    legs: [
      { accountId: 'GL_SALARY_CLEARING', direction: 'CREDIT', amount: 3000 },
      { accountId: 'acc_07_5f0c2f3c9d5e4b7a8c1d', direction: 'DEBIT', amount: 3000 },
    ],
    narrative: 'Salary - EMPLOYER XYZ',
    tags: { category: 'INCOME', source: 'PAYROLL_SIM', counterparty: 'EMPLOYER_123' },
  }),
] satisfies CommandEnvelope[];
