import * as z from 'zod';
import { direction } from './commands/post-entry.ts';
import { productType } from './commands/upsert-product.ts';
import { VIOLATION_CODES } from './refusals.ts';

/**
 * Payloads of the events as they stand in the hashed lines. Money is integers in the tenant's minor unit (`…Minor`).
 * An event holds only what its command said or the ledger derived from it, never the wall clock.
 */
const minor = z.int();
const leg = z.strictObject({ accountId: z.string(), direction, amountMinor: minor });
export type EventLeg = z.infer<typeof leg>;

const tenantCreated = z.strictObject({
  tenantCode: z.string(),
  displayName: z.string(),
  region: z.string(),
  baseCurrency: z.string(),
  currencyExponent: z.int(),
  timeZone: z.string(),
  regulatoryJurisdiction: z.string().optional(),
  businessType: z.string().optional(),
  chains: z.int(),
});

const product = z.strictObject({
  productCode: z.string(),
  name: z.string(),
  productType,
  category: z.string().optional(),
  status: z.enum(['ACTIVE', 'WITHDRAWN']),
  interest: z.strictObject({
    rate: z.number().optional(),
    baseRate: z.number().optional(),
    bonusRate: z.number().optional(),
    bonusConditions: z
      .strictObject({ minMonthlyDepositMinor: minor.optional(), maxMonthlyWithdrawals: z.int().optional() })
      .optional(),
    calculationMethod: z.string().optional(),
    paymentFrequency: z.string().optional(),
  }),
  fees: z
    .strictObject({
      monthlyFeeMinor: minor.optional(),
      atmFeeOwnMinor: minor.optional(),
      atmFeeOtherMinor: minor.optional(),
      establishmentFeeMinor: minor.optional(),
      latePaymentFeeMinor: minor.optional(),
      earlyWithdrawalFeeMinor: minor.optional(),
    })
    .optional(),
  constraints: z
    .strictObject({
      minBalanceMinor: minor.optional(),
      maxBalanceMinor: minor.nullable().optional(),
      allowOverdraft: z.boolean().optional(),
      overdraftLimitMinor: minor.optional(),
      minAmountMinor: minor.optional(),
      maxAmountMinor: minor.nullable().optional(),
      termMonthsDefault: z.int().optional(),
      termMonthsOptions: z.array(z.int()).optional(),
    })
    .optional(),
  features: z.array(z.string()).optional(),
  creditCriteria: z
    .strictObject({
      minIncomeMinor: minor.optional(),
      maxDtiRatio: z.number().optional(),
      minCreditScore: z.int().optional(),
    })
    .optional(),
});

const customerCreated = z.strictObject({
  externalRef: z.string().optional(),
  person: z.strictObject({
    firstName: z.string(),
    lastName: z.string(),
    dateOfBirth: z.string(),
    email: z.string(),
    mobile: z.string(),
  }),
  address: z
    .strictObject({
      line1: z.string(),
      line2: z.string().nullable().optional(),
      suburb: z.string(),
      state: z.string(),
      postcode: z.string(),
      country: z.string(),
    })
    .optional(),
  employment: z
    .strictObject({
      status: z.string().optional(),
      employer: z.string().nullable().optional(),
      occupation: z.string().nullable().optional(),
      annualIncomeMinor: minor.optional(),
    })
    .optional(),
  riskProfile: z
    .strictObject({ segment: z.string().optional(), kycStatus: z.string().optional(), creditScore: z.int().optional() })
    .optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

const accountOpened = z.strictObject({
  customerId: z.string(),
  productCode: z.string(),
  productType,
  currency: z.string(),
  accountAlias: z.string().optional(),
  accountPurpose: z.string().optional(),
  /** Least balance the account may reach; negative where an overdraft or a loan is granted. */
  floorMinor: minor,
  /** Largest balance, null for none. */
  ceilingMinor: minor.nullable(),
  /** TERM_DEPOSIT only: first day on which money may leave. */
  maturesOn: z.string().optional(),
});

const loanFacilityCreated = z.strictObject({
  customerId: z.string(),
  principalMinor: minor,
  termMonths: z.int(),
  rate: z.number(),
});

const entryFields = {
  bookingDate: z.string(),
  valueDate: z.string(),
  currency: z.string(),
  legs: z.array(leg),
};
const fundsPosted = z.strictObject({ accountId: z.string(), ...entryFields });
const entryPosted = z.strictObject({
  ...entryFields,
  narrative: z.string(),
  tags: z.record(z.string(), z.string()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

const accountBalanceUpdated = z.strictObject({
  entryId: z.string(),
  /** The entry's home chain, where it stands whole; absent on the home chain itself. */
  home: z.string().optional(),
  valueDate: z.string(),
  deltaMinor: minor,
  /** Balance on this chain after the entry: the whole balance of a member account, the chain's share of a GL account. */
  balanceMinor: minor,
});

const accountClosed = z.strictObject({ entryId: z.string() });

const commandRefused = z.strictObject({
  error: z.enum(VIOLATION_CODES),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const eventPayloads = {
  TenantCreated: tenantCreated,
  ProductCreated: product,
  ProductUpdated: product,
  CustomerCreated: customerCreated,
  AccountOpened: accountOpened,
  LoanFacilityCreated: loanFacilityCreated,
  FundsPosted: fundsPosted,
  EntryPosted: entryPosted,
  AccountBalanceUpdated: accountBalanceUpdated,
  AccountClosed: accountClosed,
  CommandRefused: commandRefused,
} as const;

export type EventType = keyof typeof eventPayloads;
export type EventPayload<Type extends EventType> = z.infer<(typeof eventPayloads)[Type]>;
export type ProductTerms = EventPayload<'ProductCreated'>;

/** Stands on the first event of each command, on the command's home chain. */
export const commandMark = z.strictObject({
  type: z.enum(['CreateTenant', 'UpsertProduct', 'CreateCustomer', 'OpenAccount', 'PostEntry']),
  /** First 128 bits, in hex, of SHA-256 over the tenant and the idempotency key. */
  key: z.string(),
  /** First 128 bits, in hex, of SHA-256 over command type and payload. */
  digest: z.string(),
  actor: z.string(),
  /** Events of this command on this chain. */
  events: z.int(),
  /** Events of this command on other chains. */
  others: z.array(z.strictObject({ chain: z.string(), seq: z.int() })).optional(),
});
export type CommandMark = z.infer<typeof commandMark>;

interface LineOf<Type extends EventType> {
  seq: number;
  type: Type;
  entityId: string;
  occurredAt: string;
  causationId: string;
  command?: CommandMark;
  payload: EventPayload<Type>;
}

/** One event: one line of a chain, in this field order. */
export type ChainEvent = { [Type in EventType]: LineOf<Type> }[EventType];
export type ChainEventOf<Type extends EventType> = Extract<ChainEvent, { type: Type }>;
