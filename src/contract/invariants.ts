/** What must always hold for every tenant, in the order in which it is reported. `docs/concepts/invariants.md` says what each means. */
export const INVARIANTS = [
  'BALANCED_ENTRIES',
  'DERIVED_BALANCES',
  'HASH_CHAIN',
  'TENANT_ISOLATION',
  'ACCOUNT_CONSTRAINTS',
] as const;
export type InvariantName = (typeof INVARIANTS)[number];
