import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Commit, Journal } from '../../src/journal/port.ts';
import type { LedgerRow } from '../../src/views/ledger/ledger-row.ts';
import { keepSpoilt, type SpoiltCommit } from '../../src/views/monitor/spoilt-commits.ts';
import { checksOf } from '../../src/views/monitor/watch.ts';
import type { ViewStore } from '../../src/views/port.ts';
import type { Cursor } from '../../src/views/projection/cursor.ts';
import { type Doorbell, projectBatch } from '../../src/views/projection/project-batch.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { customer } from '../support/commits.ts';
import { changeCursor, commitsOf, createWitness, doorbellOf, projectorOn } from '../support/deliveries.ts';
import { forgedCommit, forgedEntry } from '../support/forged.ts';

const TENANT = 'CU_TEST';
/** Commits at the end of the forged chain among which all breaches are, and something goes wrong. */
const LAST = 8;

/** A month of a bank, and then, on one chain, a breach of each kind that only the rows before it show. */
async function forgedMonth(): Promise<{ journal: Journal; commits: Commit[]; chain: string }> {
  const { journal, members } = await bankMonth({ members: 12, entries: 600 });
  const views = createMemoryViews();
  await projectBatch(
    (await commitsOf(journal, TENANT)).map((commit) => doorbellOf(commit)),
    projectorOn(journal, views),
  );
  const rows = views.dump();
  // A chain whose ledger has more lines than its cursor holds.
  const chainOf = (id: string) => id.slice(4, 6);
  const owner = members.find(({ accountId: id }) => rows[`${TENANT}#ledger ${chainOf(id)}#000000`]);
  const accountId = owner?.accountId ?? '';
  const chain = chainOf(accountId);
  const ref = { tenantId: TENANT, chain };
  const balanceOf = (id: string) =>
    (rows[`${TENANT}#account#${id} account`] as { balanceMinor: number } | undefined)?.balanceMinor ?? 0;
  const further = rows[`${TENANT}#ledger ${chain}#000000`] as LedgerRow;
  const [line = '', [debits, credits] = ['0', '0']] =
    Object.entries(further.lines).find(([name]) => name.startsWith('GL_')) ?? [];
  const lineMinor = Number(debits) - Number(credits);
  const append = async (options: Parameters<typeof forgedCommit>[2]) => {
    const commit = forgedCommit(ref, await journal.lastCommit(ref), options);
    await journal.append({ commits: [commit], reservations: [] });
  };
  const entry = (delta: number, after: { member: number; ledger: number }) =>
    append({
      type: 'PostEntry',
      draftsOf: (place) =>
        forgedEntry({ ...place, chain }, [
          { accountId, deltaMinor: delta, balanceMinor: after.member },
          { accountId: line, deltaMinor: -delta, balanceMinor: after.ledger },
        ]),
    });
  const balance = balanceOf(accountId);
  await entry(5, { member: balance + 6, ledger: lineMinor - 5 }); // the member's sum is wrong
  await entry(5, { member: balance + 11, ledger: lineMinor - 11 }); // the ledger's is
  await entry(-balance - 12, { member: -1, ledger: lineMinor + balance + 2 }); // below its floor
  await append({ type: 'CreateCustomer', draftsOf: () => [customer('cust_99_elsewhere')] });
  await entry(1, { member: 0, ledger: lineMinor + balance + 1 });
  return { journal, commits: await commitsOf(journal, TENANT), chain };
}

/** A store whose puts and moves fail when they are told to, a put after some of its rows. */
function failing(store: ViewStore, fails: () => boolean): ViewStore {
  return {
    ...store,
    put: async (rows) => {
      if (!fails()) return store.put(rows);
      await store.put(rows.slice(0, Math.ceil(rows.length / 2)));
      throw new Error('The table went away');
    },
    advance: async (request) => {
      if (fails()) throw new Error('The table went away');
      return store.advance(request);
    },
  };
}

describe('what the live monitor counts', () => {
  let month: Awaited<ReturnType<typeof forgedMonth>>;
  let clean: Record<string, unknown>;
  const project = (store: ViewStore, rings: readonly Doorbell[], options = {}) =>
    projectBatch(rings, projectorOn(month.journal, store, options));
  const cursorIn = (views: MemoryViews) => views.dump()[`${TENANT}#cursor ${month.chain}`] as Cursor;

  beforeAll(async () => {
    month = await forgedMonth();
    const views = createMemoryViews();
    const rings = month.commits.map((commit) => doorbellOf(commit));
    expect(await project(views, rings)).toEqual([]);
    clean = views.dump();
  });

  it('is every event, and every breach by its name', () => {
    const cursor = clean[`${TENANT}#cursor ${month.chain}`] as Cursor;
    const counts = Object.entries(cursor.watch?.breaches ?? {}).map(([name, { count }]) => [name, count]);
    expect(Object.fromEntries(counts)).toEqual({ DERIVED_BALANCES: 2, ACCOUNT_CONSTRAINTS: 1, TENANT_ISOLATION: 1 });
    expect(cursor.watch?.breaches?.TENANT_ISOLATION?.last).toMatchObject({
      chain: month.chain,
      reason: 'An id was not made for the place where it stands',
      evidence: { entityId: 'cust_99_elsewhere' },
    });
    const lines = month.commits.filter(({ chain }) => chain === month.chain).flatMap(({ body }) => body.split('\n'));
    const ofType = (type: string) => lines.filter((line) => line.includes(`"type":"${type}"`)).length;
    const entries = ofType('EntryPosted') + ofType('FundsPosted');
    const updates = ofType('AccountBalanceUpdated');
    expect(checksOf(cursor)).toMatchObject({
      HASH_CHAIN: lines.length,
      TENANT_ISOLATION: lines.length,
      BALANCED_ENTRIES: entries + updates,
      DERIVED_BALANCES: updates,
    });
  });

  it('is the same whatever fails on the way, comes twice or falls into other rounds: nothing is lost or counted twice', async () => {
    const own = month.commits.filter(({ chain }) => chain === month.chain);
    const rings = own.map((commit) => doorbellOf(commit));
    const reference = createMemoryViews();
    expect(await project(reference, rings)).toEqual([]);
    expect(cursorIn(reference)).toEqual(clean[`${TENANT}#cursor ${month.chain}`]);
    const run = fc.record({
      fails: fc.array(fc.boolean(), { maxLength: 30 }),
      size: fc.integer({ min: 1, max: LAST }),
      roundMaxEvents: fc.constantFrom(1, 3, 10, 40_000),
      again: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ fails, size, roundMaxEvents, again }) => {
        const views = createMemoryViews();
        expect(await project(views, rings.slice(0, -LAST))).toEqual([]);
        const fate = fails[Symbol.iterator]();
        const store = failing(views, () => fate.next().value ?? false);
        const witness = createWitness();
        const last = rings.slice(-LAST);
        for (let start = 0; start < LAST; start += size) {
          const batch = last.slice(again ? Math.max(0, start - size) : start, start + size);
          // A batch that fails comes again; each time to a process of its own.
          for (
            let tries = 0;
            (await project(store, batch, { roundMaxEvents, monitor: witness })).length > 0;
            tries += 1
          )
            expect(tries).toBeLessThanOrEqual(fails.length);
        }
        expect(views.dump()).toEqual(reference.dump());
        expect(new Set(witness.breaches.map(({ invariant, seq }) => `${invariant} ${seq}`)).size).toBe(4);
      }),
      { numRuns: 100 },
    );
  });

  it('goes on from a cursor that was written before there were counts', async () => {
    const views = createMemoryViews();
    const own = month.commits.filter(({ chain }) => chain === month.chain);
    const half = own.slice(0, Math.ceil(own.length / 2));
    await project(
      views,
      half.map((commit) => doorbellOf(commit)),
    );
    await changeCursor(views, { tenantId: TENANT, chain: month.chain }, (cursor) => {
      delete cursor.watch;
      return cursor;
    });
    const before = cursorIn(views).seq;
    await project(
      views,
      own.map((commit) => doorbellOf(commit)),
    );
    const { watch, seq } = cursorIn(views);
    expect(watch?.since).toBe(before);
    expect(checksOf({ seq, ...(watch && { watch }) }).HASH_CHAIN).toBe(seq - before);
    const { watch: __, ...rest } = cursorIn(views);
    const { watch: ___, ...wanted } = clean[`${TENANT}#cursor ${month.chain}`] as Cursor;
    expect(rest).toEqual(wanted);
  });

  it('stays within one write unit as long as nothing is breached', () => {
    const cursors = Object.entries(clean).filter(([key]) => key.includes('#cursor '));
    for (const [key, doc] of cursors.filter(([, row]) => !(row as Cursor).watch?.breaches))
      expect(JSON.stringify(doc).length, key).toBeLessThan(900); // beside 100 bytes of keys and names
  });

  it('of commits that were spoilt is one each, however often it is told', async () => {
    const views = createMemoryViews();
    const commit = (firstSeq: number): SpoiltCommit => ({
      ref: { tenantId: TENANT, chain: '03' },
      firstSeq,
      reason: 'x'.repeat(1_000),
      evidence: { change: 'y'.repeat(1_000) },
      at: '2026-01-01T00:00:00.000Z',
    });
    const witness = createWitness();
    const report = witness.breach.bind(witness);
    await keepSpoilt(views, [commit(1), commit(1), commit(7)], report);
    await keepSpoilt(views, [commit(7), commit(9)], report);
    expect(witness.breaches.map(({ seq }) => seq)).toEqual([1, 7, 9]);
    expect(Object.keys(views.dump())).toHaveLength(3);
    expect(JSON.stringify(views.dump()).length).toBeLessThan(3 * 600);
  });
});
