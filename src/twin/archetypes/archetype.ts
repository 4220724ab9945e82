import type { Schemas } from '../../sdk/client.ts';

export type CreateTenantPayload = Schemas['CreateTenantPayload'];
export type UpsertProductPayload = Schemas['UpsertProductPayload'];

/** Kinds of account a member of the twin can hold. */
export type AccountKind = 'TXN' | 'SAVINGS' | 'TERM' | 'LOAN';

/** One segment of the market: the tenant, its products, and how its members live. Money in dollars, as on the wire. */
export interface Archetype {
  tenant: CreateTenantPayload;
  products: readonly UpsertProductPayload[];
  productOf: Record<AccountKind, string>;
  /** Least share of net pay that members have paid into this account; the most is all of it. */
  leastPayShare: number;
  /** Share of members with a term deposit. */
  termDepositShare: number;
  /** Loan applications per member and 30 days: 75 per 500 members in the seed. */
  loanApplicationsPerMember: number;
  /** Share of the applications that meet the credit criteria: 80 % in the seed. */
  loanApprovalShare: number;
  /** Probability that a member moves money to savings on a day: 40 % in the seed. */
  savingsProbability: number;
  /** Card purchases a member and day, on average; each day has 0 to 5. */
  cardPurchasesPerDay: number;
}
