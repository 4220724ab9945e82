import type { TenantRegistry } from '../journal/port.ts';
import type { DigestStore } from './port.ts';

/**
 * Tenants whose next digest is due: those that the journal names, and those that have digests already. A bank that was deleted from
 * the journal, its name with it, is in the second ones only: its next digest is refused, for its chains went back.
 * @returns each once, in the order of their codes
 */
export async function tenantsToSign(options: {
  journal: TenantRegistry;
  store: Pick<DigestStore, 'tenants'>;
}): Promise<string[]> {
  const [named, signed] = await Promise.all([options.journal.tenants(), options.store.tenants()]);
  return [...new Set([...named, ...signed])].toSorted();
}
