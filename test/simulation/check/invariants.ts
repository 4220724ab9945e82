import { Buffer } from 'node:buffer';
import { audit } from '../../../src/audit/audit.ts';
import type { AuditSource, StoredItem } from '../../../src/audit/source.ts';
import type { Item } from '../../../src/dynamodb/wire.ts';
import { type Engine, JOURNAL, VIEWS } from '../system/engine.ts';
import { fail } from './fail.ts';

/** The audit, which shares no code with the ledger, finds none of the five invariants broken. */
export async function checkInvariants(engine: Engine): Promise<void> {
  const { tenants } = await audit({
    source: sourceOf(engine),
    waitMs: 0,
    clock: { nowMs: () => 0, sleep: async () => undefined },
  });
  for (const { tenantId, invariants, views } of tenants) {
    if (views.state !== 'compared') fail(`The audit could not compare the views of ${tenantId}: ${views.state}`);
    for (const [name, { evidence }] of Object.entries(invariants))
      if (evidence[0]) fail(`The audit says ${name}: ${JSON.stringify(evidence[0])}`);
  }
}

function sourceOf(engine: Engine): AuditSource {
  const journal = engine.tables[JOURNAL];
  const views = engine.tables[VIEWS];
  const rows = views.all().map(({ item }) => plainOf(item));
  const ofTenant = (tenantId: string | undefined) => (item: StoredItem) =>
    tenantId === undefined || String(item['pk']).startsWith(`${tenantId}#`);
  async function* page(items: StoredItem[]): AsyncGenerator<StoredItem[]> {
    yield items;
  }
  return {
    tenants: async () =>
      journal.all().flatMap(({ item }) => (item['registry'] ? [item['pk']?.S?.split('#')[0] ?? ''] : [])),
    chainItems: (pk, { afterSeq }) =>
      page(
        journal
          .partition(pk)
          .filter(({ sort }) => Number(sort) > afterSeq)
          .map(({ item }) => plainOf(item)),
      ),
    otherItems: ({ chainPks, tenantId }) =>
      page(
        journal
          .all()
          .filter(({ item }) => !chainPks.includes(item['pk']?.S ?? ''))
          .map(({ item }) => plainOf(item))
          .filter(ofTenant(tenantId)),
      ),
    viewRows: ({ tenantId }) => page(rows.filter(ofTenant(tenantId))),
    viewPartition: async (pk) => rows.filter((row) => row['pk'] === pk),
    viewPages: (pk) => page(rows.filter((row) => row['pk'] === pk)),
    viewRow: async (pk, sk) => rows.find((row) => row['pk'] === pk && row['sk'] === sk),
  };
}

function plainOf(item: Item): StoredItem {
  return Object.fromEntries(
    Object.entries(item).map(([name, { S, N, B }]) => [
      name,
      S ?? (B === undefined ? Number(N) : Buffer.from(B, 'base64')),
    ]),
  );
}
