import { fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import type { ChainHead } from './result.ts';

/** @returns SHA-256 over one line a chain: full name, seq and hash of its head, each line ended by a newline */
export function digestOfTenant(tenantId: string, chains: readonly ChainHead[]): string {
  const lines = chains.map(
    ({ chain, headSeq, headHash }) => `${fullChainName({ tenantId, chain })} ${headSeq} ${headHash}\n`,
  );
  return sha256(lines.join(''));
}

/** @returns SHA-256 over one line a tenant, in order of their codes: code and digest, each line ended by a newline */
export function digestOfTenants(tenants: readonly { tenantId: string; digest: string }[]): string {
  const ordered = tenants.toSorted((a, b) => (a.tenantId < b.tenantId ? -1 : 1));
  return sha256(ordered.map(({ tenantId, digest }) => `${tenantId} ${digest}\n`).join(''));
}
