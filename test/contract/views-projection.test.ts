import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOG } from '../../src/core/chain/name.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { type Commit, type Journal, JournalUnavailableError } from '../../src/journal/port.ts';
import { type Doorbell, projectBatch } from '../../src/views/projection/project-batch.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { fenceOf } from '../../src/views/projection/fence.ts';
import { withSharedPuts } from '../../src/views/store/shared-puts.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { type BankMonth, bankMonth } from '../support/bank-month.ts';
import { commitsOf, createWitness, doorbellOf, isMove, projectChain, projectorOn } from '../support/deliveries.ts';
import { VIEWS_ENGINES, type ViewsEngine } from '../support/views.ts';

const TENANT = 'CU_TEST';
/** Commits by which a record comes late, at most. */
const MAX_DELAY = 20;

/**
 * How commits are made and their records reach the projection: in what order the chains take turns, which records come twice,
 * late, without an image or never, how they fall into batches, and on which process each batch lands.
 */
const deliveryOf = (commits: readonly Commit[]) =>
  fc.record({
    turns: fc.shuffledSubarray(
      commits.map(({ chain }) => chain),
      { minLength: commits.length },
    ),
    fates: fc.array(
      fc.record({
        copies: fc.constantFrom(0, 1, 1, 1, 2),
        delay: fc.constantFrom(0, 0, 0, 1, 5, MAX_DELAY),
        image: fc.boolean(),
      }),
      { minLength: commits.length, maxLength: commits.length },
    ),
    batchSizes: fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
    roundMaxEvents: fc.constantFrom(1, 7, 50, 4_000),
    processes: fc.integer({ min: 1, max: 3 }),
    late: fc.boolean(),
  });

describe.each(Object.keys(VIEWS_ENGINES))('projection on %s', (name) => {
  const runs = name === 'memory' ? 60 : 4;
  let engine: ViewsEngine;
  let month: BankMonth;
  let commits: Commit[];
  let clean: Record<string, unknown>;

  beforeAll(async () => {
    engine = await (VIEWS_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
    month = await bankMonth({ members: 12, entries: 220 });
    commits = await commitsOf(month.journal, TENANT);
    const store = await engine.fresh();
    const monitor = createWitness();
    const failures = await projectBatch(
      commits.map((commit) => doorbellOf(commit)),
      projectorOn(month.journal, store, { monitor }),
    );
    expect(failures).toEqual([]);
    expect(monitor.breaches).toEqual([]);
    clean = await engine.dump(store);
  });
  afterAll(() => engine.stop());

  /** Rings once more for chains whose last record was lost, as the sweep does. */
  async function sweep(store: ViewStore): Promise<void> {
    const rings = (await findLaggingChains({ journal: month.journal, views: store })).map((ref): Doorbell => ({
      recordId: 'sweep',
      ref,
    }));
    expect(await projectBatch(rings, projectorOn(month.journal, store))).toEqual([]);
  }

  it('has statements of more than one page, and every kind of row', () => {
    const kinds = new Set(Object.keys(clean).map((key) => key.replace(/^CU_TEST#/, '').replace(/[#/ ].*?( |$)/, ' ')));
    expect([...kinds].map((kind) => kind.split(' ')[0])).toEqual(
      expect.arrayContaining([
        'account',
        'accounts',
        'cursor',
        'customer',
        'customers',
        'ledger',
        'product',
        'products',
      ]),
    );
    expect(Object.keys(clean).filter((key) => key.includes(' page#')).length).toBeGreaterThan(3);
  });

  it('gives the rows of one clean pass whatever comes twice, out of order, with or without images, and in whatever batches', async () => {
    await fc.assert(
      fc.asyncProperty(deliveryOf(commits), async ({ turns, fates, batchSizes, roundMaxEvents, processes, late }) => {
        const store = await engine.fresh();
        const monitor = createWitness();
        const made = inTurns(commits, turns);
        const journal = createMemoryJournal();
        const projectors = Array.from({ length: processes }, () =>
          projectorOn(journal, store, { roundMaxEvents, monitor, ...(late && { now: anHourLater }) }),
        );
        const sizes = batchSizes[Symbol.iterator]();
        for (let start = 0, batch = 0; start < made.length + MAX_DELAY; batch += 1) {
          const end = start + sizes.next().value;
          for (const commit of made.slice(start, end)) await journal.append({ commits: [commit], reservations: [] });
          // What is late comes with the commits that are made by then.
          const rings = made.flatMap((commit, index) => {
            const { copies, delay, image } = fates[index]!;
            const due = index + delay >= start && index + delay < end;
            return due ? Array.from({ length: copies }, () => doorbellOf(commit, { image })) : [];
          });
          expect(await projectBatch(batch % 2 === 0 ? rings : rings.reverse(), projectors[batch % processes]!)).toEqual(
            [],
          );
          start = end;
        }
        await sweep(store);
        expect(await engine.dump(store)).toEqual(clean);
        expect(monitor.breaches).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it('heals what was lost by the sweep alone', async () => {
    const store = await engine.fresh();
    expect(await findLaggingChains({ journal: month.journal, views: store })).toHaveLength(
      new Set(commits.map(({ chain }) => chain)).size,
    );
    await sweep(store);
    expect(await engine.dump(store)).toEqual(clean);
    expect(await findLaggingChains({ journal: month.journal, views: store })).toEqual([]);
  });

  it('puts everything right after crashes between any two writes', async () => {
    let total = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
        fc.constantFrom(3, 20, 4_000),
        async (dice, roundMaxEvents) => {
          const store = await engine.fresh();
          const rolls = dice[Symbol.iterator]();
          let crashes = 0;
          for (
            let attempt = 0;
            (await findLaggingChains({ journal: month.journal, views: store })).length > 0;
            attempt += 1
          ) {
            const flaky = attempt < 12 ? crashing(store, () => rolls.next().value === 0) : store;
            const rings = commits.map((commit) => doorbellOf(commit));
            crashes += (await projectBatch(rings, projectorOn(month.journal, flaky, { roundMaxEvents }))).length;
          }
          expect(await engine.dump(store)).toEqual(clean);
          total += crashes;
        },
      ),
      { numRuns: runs },
    );
    expect(total).toBeGreaterThan(runs);
  });

  it.each(['another process', 'the same process'])(
    'puts a chain in doubt where a call that %s has overtaken may have put older rows over newer ones',
    async (by) => {
      const store = await engine.fresh();
      const chain = busiestChain(commits);
      const ref = { tenantId: TENANT, chain };
      const own = commits.filter((commit) => commit.chain === chain);
      const upTo = (count: number) => ({ ref, images: own.slice(0, count), target: own[count - 1]!.lastSeq });
      // The slow call writes its rows only when the fast one has finished.
      const [writing, overtaken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let isSlow = false;
      const process = projectorOn(month.journal, {
        ...store,
        put: async (rows) => {
          const waits = isSlow;
          isSlow = false;
          if (waits) writing.resolve();
          if (waits) await overtaken.promise;
          return store.put(rows);
        },
      });
      const fence = async () => fenceOf((await process.cursorsOf([ref]))[0]);
      await projectChain(process, upTo(1));
      expect(await fence()).toEqual({ generation: 0, rebuilt: 0, taken: 1 });
      isSlow = true;
      const slow = projectChain(process, upTo(Math.ceil(own.length / 2)));
      await writing.promise;
      await projectChain(by === 'another process' ? projectorOn(month.journal, store) : process, upTo(own.length));
      expect(await fence()).toEqual({ generation: 0, rebuilt: 0, taken: 2 });
      overtaken.resolve();
      await expect(slow).rejects.toThrow('Others have had the rows');
      expect(await fence()).toEqual({ generation: 0, rebuilt: 0, taken: 2, doubt: true });
    },
  );

  it('takes a chain that it was the last to have in hand without a write more', async () => {
    const store = await engine.fresh();
    const moves: boolean[] = [];
    const counting: ViewStore = {
      ...store,
      advance: async (request) => {
        moves.push(isMove(request));
        return store.advance(request);
      },
    };
    const chain = busiestChain(commits);
    const own = commits.filter((commit) => commit.chain === chain);
    const ref = { tenantId: TENANT, chain };
    const projector = projectorOn(month.journal, counting);
    const project = (commit: Commit, by = projector) =>
      projectChain(by, { ref, images: [commit], target: commit.lastSeq });
    const [first, second, third, fourth, fifth] = own as [Commit, Commit, Commit, Commit, Commit];
    const call = { ref, images: [third], target: third.lastSeq };
    await project(first);
    await project(second);
    await project(first); // which is there
    const [read] = await projector.cursorsOf([ref]);
    await project(third);
    // Who read the cursor before another call moved it on finds nothing to do.
    expect(await projector.project({ ...call, cursor: read! })).toMatchObject({ seq: third.lastSeq });
    expect(moves).toEqual([false, true, true, true, false]);
    moves.length = 0;
    await project(fourth, projectorOn(month.journal, store));
    await project(fifth);
    expect(moves).toEqual([false, true]);
  });

  it('reports only the chain that fails, from its first record', async () => {
    const store = await engine.fresh();
    const chain = busiestChain(commits);
    const broken: ViewStore = {
      ...store,
      put: async (rows) => {
        if (rows.some(({ key }) => key.pk.includes(`_${chain}_`))) throw new Error('The table is gone');
        return store.put(rows);
      },
    };
    const rings = commits.map((commit) => doorbellOf(commit));
    const failures = await projectBatch(rings, projectorOn(month.journal, withSharedPuts(broken)));
    expect(failures.map(({ recordId }) => recordId)).toEqual([rings.find(({ ref }) => ref.chain === chain)?.recordId]);
    expect(await findLaggingChains({ journal: month.journal, views: store })).toEqual([{ tenantId: TENANT, chain }]);
  });

  it('leaves the journal alone when the records say it all, in any order and twice', async () => {
    const store = await engine.fresh();
    let reads = 0;
    const journal: Journal = {
      ...month.journal,
      read: (ref, options) => {
        reads += 1;
        return month.journal.read(ref, options);
      },
    };
    const projector = projectorOn(journal, store);
    const rings = commits.map((commit) => doorbellOf(commit));
    await projectBatch(rings.slice(0, 40), projector);
    await projectBatch([...rings, ...rings].reverse(), projector);
    expect(reads).toBe(0);
    expect(await engine.dump(store)).toEqual(clean);
  });

  it('reads a chain that is behind to the end of a round, and passes over the records of that', async () => {
    const store = await engine.fresh();
    const projector = projectorOn(month.journal, store, { now: anHourLater });
    const chain = busiestChain(commits);
    const [first, ...later] = commits.filter((commit) => commit.chain === chain).map((commit) => doorbellOf(commit));
    expect(await projectBatch(first ? [first] : [], projector)).toEqual([]);
    const reached = await engine.dump(store);
    expect(reached[`${TENANT}#cursor ${chain}`]).toEqual(clean[`${TENANT}#cursor ${chain}`]);
    const silent: ViewStore = { ...store, put: () => Promise.reject(new Error('Expected nothing to write')) };
    const again = projectorOn(month.journal, silent, { now: anHourLater });
    expect(await projectBatch(later, again)).toEqual([]);

    const short = await engine.fresh();
    await projectBatch(
      first ? [first] : [],
      projectorOn(month.journal, short, { now: anHourLater, roundMaxEvents: 50 }),
    );
    const seq = (await projectorOn(month.journal, short).cursorsOf([{ tenantId: TENANT, chain }]))[0]?.seq ?? 0;
    expect(seq).toBeGreaterThanOrEqual(50);
    expect(seq).toBeLessThan(100);
  });

  it('projects the sound commits before one that cannot be read, and then fails only for who rings for that', async () => {
    const store = await engine.fresh();
    const chain = busiestChain(commits);
    const own = commits.filter((commit) => commit.chain === chain);
    const [wanted, unreadable] = [own[2]!, own[5]!];
    const journal: Journal = {
      ...month.journal,
      async *read(ref, options) {
        for await (const commit of month.journal.read(ref, options)) {
          if (commit.firstSeq === unreadable.firstSeq) throw new Error('The body cannot be unpacked');
          yield commit;
        }
      },
      lastCommit: () => Promise.reject(new Error('The body cannot be unpacked')),
    };
    const projector = projectorOn(journal, store, { now: anHourLater });
    const reached = async () => (await projector.cursorsOf([{ tenantId: TENANT, chain }]))[0]?.seq;
    expect(await projectBatch([doorbellOf(wanted)], projector)).toEqual([]);
    expect(await reached()).toBe(own[4]!.lastSeq);
    const [failure, ...others] = await projectBatch([doorbellOf(unreadable, { image: false })], projector);
    expect(failure?.error).toMatchObject({
      code: 'COMMIT_UNREADABLE',
      cause: { message: 'The body cannot be unpacked' },
    });
    expect(others).toEqual([]);

    const cold = projectorOn(journal, await engine.fresh(), { now: anHourLater });
    expect(await projectBatch([doorbellOf(unreadable, { image: false })], cold)).toHaveLength(1);
    expect((await cold.cursorsOf([{ tenantId: TENANT, chain }]))[0]?.seq).toBe(own[4]!.lastSeq);
  });

  it('takes no chain in hand where the journal cannot be reached', async () => {
    const store = await engine.fresh();
    const journal: Journal = {
      ...month.journal,
      lastCommit: () => Promise.reject(new JournalUnavailableError('No answer in time')),
    };
    const [failure] = await projectBatch([doorbellOf(commits[0]!, { image: false })], projectorOn(journal, store));
    expect(failure?.error).toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    expect(await engine.dump(store)).toEqual({});
  });

  it('asks the journal when an image does not hash, and takes what the journal says', async () => {
    const store = await engine.fresh();
    const monitor = createWitness();
    const forged = commits.map((commit) =>
      doorbellOf({ ...commit, body: commit.body.replaceAll('"deltaMinor":', '"deltaMinor":1') }),
    );
    expect(await projectBatch(forged, projectorOn(month.journal, store, { monitor }))).toEqual([]);
    expect(await engine.dump(store)).toEqual(clean);
    expect(monitor.breaches).toEqual([]);
  });

  it('knows nothing of a chain that the journal does not have', async () => {
    const store = await engine.fresh();
    const cursor = await projectChain(projectorOn(month.journal, store), {
      ref: { tenantId: 'CU_NONE', chain: CATALOG },
    });
    expect(cursor.seq).toBe(0);
    expect(await engine.dump(store)).toEqual({});
  });
});

/** The time when every commit has been waiting for long. */
function anHourLater(): number {
  return Date.parse('2026-01-01T01:00:00Z');
}

/** A store whose process may die before or in the middle of any write. */
function crashing(store: ViewStore, dies: () => boolean): ViewStore {
  return {
    ...store,
    async put(rows) {
      if (rows.length > 0 && dies()) {
        await store.put(rows.filter((_, index) => index % 2 === 0));
        throw new Error('The process died while writing rows');
      }
      return store.put(rows);
    },
    async advance(request) {
      if (dies()) throw new Error('The process died before the cursor');
      return store.advance(request);
    },
  };
}

/** The commits of all chains in the order in which the chains take turns, those of each chain in their own. */
function inTurns(commits: readonly Commit[], turns: readonly string[]): Commit[] {
  const queues = Map.groupBy(commits, ({ chain }) => chain);
  return turns.flatMap((chain) => queues.get(chain)?.shift() ?? []);
}

function busiestChain(commits: readonly Commit[]): string {
  const events = new Map<string, number>();
  for (const { chain, firstSeq, lastSeq } of commits)
    events.set(chain, (events.get(chain) ?? 0) + lastSeq - firstSeq + 1);
  return [...events].sort(([, a], [, b]) => b - a)[0]![0];
}
