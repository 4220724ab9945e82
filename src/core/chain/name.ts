/** A chain of a tenant: `00` to `15`, or `catalog` for the tenant itself and its products. */
export interface ChainRef {
  tenantId: string;
  chain: string;
}

export const CATALOG = 'catalog';

/** @returns the full name, which is also the partition key: `CU_DIGITAL#chain#07` */
export function fullChainName(ref: ChainRef): string {
  return `${ref.tenantId}#chain#${ref.chain}`;
}

/** @returns the chain of a full name, or undefined where the text is none (a reservation's key, say) */
export function parseChainName(fullName: string): ChainRef | undefined {
  const match = /^([A-Z][A-Z0-9_]*)#chain#(\d\d|catalog)$/.exec(fullName);
  return match?.[1] !== undefined && match[2] !== undefined ? { tenantId: match[1], chain: match[2] } : undefined;
}

/** @returns the chains of a tenant in the order in which they are listed and digested: `00` … then `catalog` */
export function chainsOf(count: number): string[] {
  return [...Array.from({ length: count }, (_, index) => chainOfIndex(index)), CATALOG];
}

export function chainOfIndex(index: number): string {
  return String(index).padStart(2, '0');
}

/** @returns the chain that an id of the ledger carries (`acc_07_…` → `07`), or undefined for any other id */
export function chainOfId(id: string): string | undefined {
  // Asked for every leg: a test makes no array of matches.
  if (!/^(?:cust|acc|ent)_\d\d_/.test(id)) return undefined;
  const start = id.indexOf('_') + 1;
  return id.slice(start, start + 2);
}

export function isGeneralLedger(accountId: string): boolean {
  return accountId.startsWith('GL_');
}
