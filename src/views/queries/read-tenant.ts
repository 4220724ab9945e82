import type { EventPayload } from '../../contract/events.ts';
import { parseLine } from '../../core/chain/line.ts';
import { CATALOG, type ChainRef } from '../../core/chain/name.ts';
import type { Commit, Journal } from '../../journal/port.ts';

export type Tenant = EventPayload<'TenantCreated'>;

/** @returns the tenant; undefined as long as it has not been created */
export type TenantReader = (journal: Journal, tenantId: string) => Promise<Tenant | undefined>;

/**
 * Makes a reader of tenants, from the catalog in the journal: it is there as soon as the tenant is, however far behind the
 * views are. Mostly the first event creates the tenant, but refused attempts may stand before it. Nothing that stands in a
 * chain ever changes, so the reader remembers the tenants it has found and, of others, how far it has looked: no commit is
 * read twice.
 */
export function createTenantReader(): TenantReader {
  const tenants = new Map<string, Tenant>();
  const lookedThrough = new Map<string, number>();
  return async (journal, tenantId) => {
    const known = tenants.get(tenantId);
    if (known) return known;
    for await (const commit of commitsAfter(journal, { tenantId, chain: CATALOG }, lookedThrough.get(tenantId) ?? 0)) {
      const tenant = tenantIn(commit);
      if (tenant) {
        tenants.set(tenantId, tenant);
        lookedThrough.delete(tenantId);
        return tenant;
      }
      lookedThrough.set(tenantId, commit.lastSeq);
    }
    return undefined;
  };
}

/** Gives the next commit by itself, for it is mostly all that is needed, and reading on fetches a page of them. */
async function* commitsAfter(journal: Journal, ref: ChainRef, afterSeq: number): AsyncGenerator<Commit> {
  const next = await journal.commitAt(ref, afterSeq + 1);
  if (!next) return;
  yield next;
  yield* journal.read(ref, { afterSeq: next.lastSeq });
}

function tenantIn(commit: Commit): Tenant | undefined {
  for (const line of commit.body.split('\n')) {
    const event = parseLine(line);
    if (event.type === 'TenantCreated') return event.payload;
  }
  return undefined;
}
