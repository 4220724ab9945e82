import { describe, expect, it } from 'vitest';
import { CATALOG } from '../../src/core/chain/name.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Journal } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import { createQueries } from '../../src/views/queries/queries.ts';
import { createTenantReader } from '../../src/views/queries/read-tenant.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { projectorOn } from '../support/deliveries.ts';
import { command, createTenant, gatewayOn, products, send } from '../support/ledger.ts';

const tenantId = 'CU_TEST';
const ref = { tenantId, chain: CATALOG };

/** A journal that counts how often each commit of it is read. */
function countingJournal() {
  const journal = createMemoryJournal();
  const reads = new Map<number, number>();
  const count = (firstSeq: number) => reads.set(firstSeq, (reads.get(firstSeq) ?? 0) + 1);
  const counting: Journal = {
    ...journal,
    async *read(chain, options) {
      for await (const commit of journal.read(chain, options)) {
        count(commit.firstSeq);
        yield commit;
      }
    },
    async commitAt(chain, seq) {
      const commit = await journal.commitAt(chain, seq);
      if (commit) count(commit.firstSeq);
      return commit;
    },
  };
  return { journal, counting, reads };
}

/** Asks for the tenant with a currency that the platform does not have. */
const refusedTenant = (attempt: number) =>
  command(
    'CreateTenant',
    { tenantCode: tenantId, displayName: 'Test', region: 'AU', baseCurrency: 'XXX', timeZone: 'Australia/Sydney' },
    { id: `refused ${attempt}` },
  );

describe('a tenant whose creation was refused at first', () => {
  it('can be read, is swept, and its catalog is listed once it is there', async () => {
    const journal = createMemoryJournal();
    const gateway = gatewayOn(journal);
    for (let attempt = 1; attempt <= 3; attempt += 1)
      expect((await send(gateway, refusedTenant(attempt))).kind).toBe('violation');
    const views = createMemoryViews();
    const queries = createQueries({ dataOf: () => ({ journal, views }), sha256 });
    expect(await queries.answer('listChains', { tenantId })).toMatchObject({ outcome: 'notFound' });
    for (const wanted of [createTenant(), ...products()]) await send(gateway, wanted);
    expect(await journal.commitAt(ref, 1)).toMatchObject({
      body: expect.stringContaining('CommandRefused') as unknown,
    });

    const lagging = await findLaggingChains({ journal, views });
    expect(lagging).toEqual([ref]);
    const rings = lagging.map((chain) => ({ recordId: 'sweep', ref: chain }));
    expect(await projectBatch(rings, projectorOn(journal, views))).toEqual([]);
    expect(await findLaggingChains({ journal, views })).toEqual([]);
    expect(await queries.answer('listProducts', { tenantId, limit: 10, offset: 0 })).toMatchObject({
      outcome: 'found',
      body: { total: 4 },
    });
  });

  it('costs one read of each commit up to its creation, however often it is asked for', async () => {
    const { journal, counting, reads } = countingJournal();
    const gateway = gatewayOn(journal);
    const readTenant = createTenantReader();
    expect(await readTenant(counting, tenantId)).toBeUndefined();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await send(gateway, refusedTenant(attempt));
      for (let asked = 0; asked < 3; asked += 1) expect(await readTenant(counting, tenantId)).toBeUndefined();
    }
    for (const wanted of [createTenant(), ...products()]) await send(gateway, wanted);
    for (let asked = 0; asked < 3; asked += 1)
      expect(await readTenant(counting, tenantId)).toMatchObject({ tenantCode: tenantId, baseCurrency: 'AUD' });
    expect([...reads]).toEqual([1, 2, 3, 4, 5, 6].map((firstSeq) => [firstSeq, 1]));
  });
});

it('costs one read where the tenant is the first event of its catalog', async () => {
  const { journal, counting, reads } = countingJournal();
  const gateway = gatewayOn(journal);
  for (const wanted of [createTenant(), ...products()]) await send(gateway, wanted);
  const readTenant = createTenantReader();
  for (let asked = 0; asked < 3; asked += 1) expect(await readTenant(counting, tenantId)).toBeDefined();
  expect([...reads]).toEqual([[1, 1]]);
});
