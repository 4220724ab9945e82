/**
 * The closed list of refusals. Faults of form (400 to 413, 429, 503) leave no event; a refusal by an invariant (422) is
 * recorded in the chain as `CommandRefused`, so that a repeat of the command gets the same answer.
 * Within a command the rules are checked in the order of this list.
 */
export const FAULTS = {
  Unauthorized: { status: 401, text: 'There is no valid bearer token.' },
  PayloadTooLarge: { status: 413, text: 'The request body is larger than the limit.' },
  ValidationError: {
    status: 400,
    text: 'The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them.',
  },
  Forbidden: { status: 403, text: 'The token does not cover this tenant, command or actor.' },
  NotFound: { status: 404, text: 'There is no such tenant, customer, account, entry or route.' },
  IdempotencyKeyReused: {
    status: 409,
    text: 'The idempotency key was used for another command of the same chain before.',
  },
  TooManyRequests: {
    status: 429,
    text: 'More commands are waiting than the service takes; retry after the time in Retry-After.',
  },
  ServiceUnavailable: {
    status: 503,
    text: 'The journal could not be reached in time; a retry with the same key is safe.',
  },
} as const;
export type FaultCode = keyof typeof FAULTS;

export const VIOLATIONS = {
  // CreateTenant
  TenantExists: { invariant: 'TENANT_CODE_UNIQUE', text: 'The tenant exists already.' },
  CurrencyUnsupported: { invariant: 'CURRENCY_SUPPORTED', text: 'The platform does not support this currency.' },
  TimeZoneUnknown: { invariant: 'TIME_ZONE_VALID', text: 'This is no IANA time zone identifier.' },
  // UpsertProduct
  ProductTypeChanged: { invariant: 'CONSTRAINTS_CONSISTENT', text: 'A product keeps its type.' },
  RateNegative: { invariant: 'RATES_NON_NEGATIVE', text: 'Interest rates are 0 or more.' },
  ConstraintsInconsistent: {
    invariant: 'CONSTRAINTS_CONSISTENT',
    text: 'A minimum is above its maximum, or a default is not among its options.',
  },
  // CreateCustomer
  CustomerUnderAge: { invariant: 'MINIMUM_AGE', text: 'A customer is at least 18 years old.' },
  EmailTaken: { invariant: 'EMAIL_UNIQUE', text: 'Another customer of the tenant has this email address.' },
  MobileTaken: { invariant: 'MOBILE_UNIQUE', text: 'Another customer of the tenant has this mobile number.' },
  ExternalRefTaken: {
    invariant: 'EXTERNAL_REF_UNIQUE',
    text: 'Another customer of the tenant has this external reference.',
  },
  // OpenAccount
  CustomerUnknown: { invariant: 'CUSTOMER_ACTIVE', text: 'There is no such customer.' },
  AccountLimitReached: { invariant: 'ACCOUNT_LIMIT', text: 'The customer has as many accounts as one may have.' },
  ProductUnknown: { invariant: 'PRODUCT_ACTIVE', text: 'There is no such product.' },
  ProductWithdrawn: { invariant: 'PRODUCT_ACTIVE', text: 'The product opens no new accounts.' },
  InitialDepositTooLow: {
    invariant: 'MINIMUM_DEPOSIT',
    text: 'The initial deposit is below the minimum balance of the product.',
  },
  InitialDepositOnLoan: { invariant: 'LOAN_TERMS', text: 'A loan takes no initial deposit.' },
  LoanTermsOnDeposit: { invariant: 'LOAN_TERMS', text: 'Only a loan product takes loan terms.' },
  LoanAmountOutOfRange: { invariant: 'LOAN_TERMS', text: 'The principal is outside the range of the product.' },
  LoanTermNotOffered: { invariant: 'LOAN_TERMS', text: 'The product does not offer this term.' },
  IncomeTooLow: { invariant: 'CREDIT_CRITERIA', text: 'The income is unknown or below the minimum of the product.' },
  CreditScoreTooLow: {
    invariant: 'CREDIT_CRITERIA',
    text: 'The credit score is unknown or below the minimum of the product.',
  },
  DebtToIncomeTooHigh: {
    invariant: 'CREDIT_CRITERIA',
    text: 'The loans of the customer would be more than the product allows for the income.',
  },
  // OpenAccount and PostEntry
  CurrencyMismatch: { invariant: 'CURRENCY_MATCH', text: 'The currency is not the base currency of the tenant.' },
  // PostEntry
  EntryUnbalanced: { invariant: 'BALANCED_ENTRIES', text: 'Debits and credits differ.' },
  ValueDateBeforeBooking: { invariant: 'VALUE_DATE', text: 'The value date is before the booking date.' },
  AccountUnknown: { invariant: 'ACCOUNT_ACTIVE', text: 'There is no such account.' },
  AccountClosed: { invariant: 'ACCOUNT_ACTIVE', text: 'The account is closed.' },
  TermNotMatured: {
    invariant: 'ACCOUNT_CONSTRAINTS',
    text: 'A term deposit takes no withdrawal booked before maturity, but the reversal of its opening.',
  },
  InsufficientFunds: {
    invariant: 'ACCOUNT_CONSTRAINTS',
    text: 'The balance would fall below the least the account allows.',
  },
  MaximumBalanceExceeded: {
    invariant: 'ACCOUNT_CONSTRAINTS',
    text: 'The balance would rise above the most the account allows.',
  },
  BalanceOutOfRange: {
    invariant: 'ACCOUNT_CONSTRAINTS',
    text: 'A sum would leave the range of exact integers (2^53 minor units).',
  },
  ClosingBalanceNotZero: {
    invariant: 'ACCOUNT_CONSTRAINTS',
    text: 'An account closes at a balance of zero only, and only with a leg of its own.',
  },
} as const;
export type ViolationCode = keyof typeof VIOLATIONS;

export const VIOLATION_CODES = Object.keys(VIOLATIONS) as [ViolationCode, ...ViolationCode[]]; // keys of a const object
