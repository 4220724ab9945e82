import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventPayload } from '../../src/contract/events.ts';
import { CATALOG, chainOfIndex } from '../../src/core/chain/name.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Commit } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { createQueries, type Queries } from '../../src/views/queries/queries.ts';
import { commitsOfDrafts, type Draft, opened } from '../support/commits.ts';
import { doorbellOf, projectorOn } from '../support/deliveries.ts';
import { VIEWS_ENGINES, type ViewsEngine } from '../support/views.ts';

const tenantId = 'CU_TEST';
/** Members of the chains `00`, `01`, …: around one page of 64 ids and around two, and none. */
const MEMBERS = [130, 0, 64, 65, 1, 63, 128, 127, 129];
const TOTAL = MEMBERS.reduce((sum, members) => sum + members, 0);
/** Members in one commit: it divides no page evenly. */
const COMMIT_MEMBERS = 25;

const customerIdOf = (chain: string, number: number) => `cust_${chain}_${number}`;
const accountIdOf = (chain: string, number: number) => `acc_${chain}_${number}`;

function membersOf(chain: string, count: number): Commit[] {
  const members = Array.from({ length: count }, (_, number): Draft[] => {
    const customerId = customerIdOf(chain, number);
    return [
      { type: 'CustomerCreated', entityId: customerId, payload: { person: PERSON } },
      opened(accountIdOf(chain, number), { customerId }),
    ];
  });
  const batches = Array.from({ length: Math.ceil(count / COMMIT_MEMBERS) }, (_, batch) =>
    members.slice(batch * COMMIT_MEMBERS, (batch + 1) * COMMIT_MEMBERS).flat(),
  );
  return commitsOfDrafts({ tenantId, chain }, batches);
}

const PERSON: EventPayload<'CustomerCreated'>['person'] = {
  firstName: 'Jane',
  lastName: 'Smith',
  dateOfBirth: '1988-05-17',
  email: 'jane@example.com',
  mobile: '+61255500000',
};
const TENANT: Draft = {
  type: 'TenantCreated',
  entityId: tenantId,
  payload: {
    tenantCode: tenantId,
    displayName: 'Test',
    region: 'AU',
    baseCurrency: 'AUD',
    currencyExponent: 2,
    timeZone: 'Australia/Sydney',
    chains: MEMBERS.length,
  },
};

describe.each(Object.keys(VIEWS_ENGINES))('lists whose chains fill pages, on %s', (name) => {
  let engine: ViewsEngine;
  let queries: Queries;
  /** Rows that queries have asked for by their keys. */
  let rowsRead = 0;

  beforeAll(async () => {
    engine = await (VIEWS_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
    const journal = createMemoryJournal();
    const commits = [
      ...commitsOfDrafts({ tenantId, chain: CATALOG }, [[TENANT]]),
      ...MEMBERS.flatMap((count, index) => membersOf(chainOfIndex(index), count)),
    ];
    await journal.append({ commits, reservations: [] });
    const store = await engine.fresh();
    // A record at a time and a projector for each, so that lists grow from what the table holds.
    for (const commit of commits)
      expect(await projectBatch([doorbellOf(commit)], projectorOn(journal, store))).toEqual([]);
    const views: ViewStore = { ...store, get: (keys) => ((rowsRead += keys.length), store.get(keys)) };
    queries = createQueries({ dataOf: () => ({ journal, views }), sha256 });
  });
  afterAll(() => engine.stop());

  async function idsOf(kind: 'customers' | 'accounts', page: { limit: number; offset: number }): Promise<string[]> {
    const answer =
      kind === 'customers'
        ? await queries.answer('listCustomers', { tenantId, ...page })
        : await queries.answer('listAccounts', { tenantId, ...page });
    if (answer.outcome !== 'found') throw new Error(`Expected a list, got ${JSON.stringify(answer)}`);
    expect(answer.body.total).toBe(TOTAL);
    return 'customers' in answer.body
      ? answer.body.customers.map(({ customerId }) => customerId)
      : answer.body.accounts.map(({ accountId }) => accountId);
  }

  for (const [kind, idOf] of [
    ['customers', customerIdOf],
    ['accounts', accountIdOf],
  ] as const) {
    const whole = MEMBERS.flatMap((count, index) =>
      Array.from({ length: count }, (_, number) => idOf(chainOfIndex(index), number)),
    );

    it(`gives all ${kind}, in their order`, async () => {
      expect(await idsOf(kind, { limit: 1000, offset: 0 })).toEqual(whole);
    });

    it(`gives the same ${kind} in pages of any size`, async () => {
      // On a real table each page is a round trip: there, the sizes around one and two pages of the view.
      const all = Array.from({ length: 200 }, (_, index) => index + 1);
      const limits = name === 'memory' ? all : [31, 63, 64, 65, 100, 127, 128, 129, 130, 193];
      for (const limit of limits) {
        const ids: string[] = [];
        for (let offset = 0; offset < TOTAL; offset += limit) ids.push(...(await idsOf(kind, { limit, offset })));
        expect([limit, ids]).toEqual([limit, whole]);
      }
    });

    it(`reads no more rows for ${kind} at the end of the list than at its beginning`, async () => {
      const limit = 50;
      const reads: number[] = [];
      for (let offset = 0; offset + limit <= TOTAL; offset += 10) {
        rowsRead = 0;
        await idsOf(kind, { limit, offset });
        reads.push(rowsRead);
      }
      // The rows themselves, and the pages that name them: one, or where they lie on several chains a few.
      expect(Math.min(...reads)).toBe(limit + 1);
      expect(Math.max(...reads)).toBeLessThanOrEqual(limit + 4);
      expect(reads.at(-1)).toBeLessThanOrEqual(limit + 2);
    });

    it(`gives any part of the ${kind}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: TOTAL + 1 }),
          fc.integer({ min: 1, max: 200 }),
          async (offset, limit) => {
            expect(await idsOf(kind, { limit, offset })).toEqual(whole.slice(offset, offset + limit));
          },
        ),
        { numRuns: name === 'memory' ? 300 : 30 },
      );
    });
  }
});
