/** `DIRECT_ENTRY` → `Direct entry`, `steady-state` → `Steady state`; what is no code stays as it is. */
export function labelOf(code: string): string {
  if (!/^(?:[A-Z][A-Z0-9_]*|[a-z][a-z0-9-]*)$/.test(code)) return code;
  const words = code.toLowerCase().replaceAll(/[_-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const INVARIANTS: Readonly<Record<string, string>> = {
  BALANCED_ENTRIES: 'Debits equal credits in every entry, and all accounts of a tenant sum to zero',
  DERIVED_BALANCES: 'Every balance in a view equals the sum of that account’s events',
  HASH_CHAIN: 'Every chain verifies from its genesis to its head, without gap or fork',
  TENANT_ISOLATION: 'No event and no view row of one tenant names another’s',
  ACCOUNT_CONSTRAINTS: 'No account leaves its terms, and every event names the accepted command that caused it',
};

/** @returns what an invariant says, in one sentence */
export function invariantMeaning(name: string): string {
  return INVARIANTS[name] ?? '';
}
