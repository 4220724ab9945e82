import type { EventPayload } from '../../contract/events.ts';
import { parseLine } from '../../core/chain/line.ts';
import { CATALOG } from '../../core/chain/name.ts';
import type { Journal } from '../../journal/port.ts';

export type Tenant = EventPayload<'TenantCreated'>;

/**
 * Reads a tenant from the first event of its catalog, in the journal: it never changes, and it is there as soon as the tenant
 * is, however far behind the views are.
 */
export async function readTenant(journal: Journal, tenantId: string): Promise<Tenant | undefined> {
  const commit = await journal.commitAt({ tenantId, chain: CATALOG }, 1);
  for (const line of commit?.body.split('\n') ?? []) {
    const event = parseLine(line);
    if (event.type === 'TenantCreated') return event.payload;
  }
  return undefined;
}
