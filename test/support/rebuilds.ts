import { setImmediate as comesRound } from 'node:timers/promises';
import { DEFAULT_CHAINS } from '../../src/contract/limits.ts';
import { type ChainRef, chainsOf, fullChainName } from '../../src/core/chain/name.ts';
import type { Commit, Journal, TenantRegistry } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { headText } from '../../src/proof/statement.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import { beginRebuild, rebuildTenant, type TenantRebuildOptions } from '../../src/views/rebuild/rebuild-tenant.ts';
import { createTenantReader } from '../../src/views/queries/read-tenant.ts';
import type { RowKey } from '../../src/views/row.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { commitsOf, doorbellOf, projectorOn } from './deliveries.ts';

/** What a rebuild needs, in a process of its own; time stands still unless told otherwise. */
export function rebuildOptions(
  journal: Journal,
  store: RebuildStore,
  changes: Partial<TenantRebuildOptions> = {},
): TenantRebuildOptions {
  return {
    journal,
    store,
    sha256,
    now: () => NOW,
    sleep: comesRound,
    breach: () => undefined,
    ring: async () => undefined,
    readTenant: createTenantReader(),
    ...changes,
  };
}

export type Whole = Journal & TenantRegistry;

/** The journal as it is after somebody has changed one chain, in place. */
export function damaged(
  journal: Whole,
  ref: ChainRef,
  change: (own: readonly Commit[]) => Commit[],
  own: Commit[],
): Whole {
  const left = change(own);
  const isOurs = (chain: ChainRef) => chain.chain === ref.chain;
  return {
    ...journal,
    async *read(chain, options) {
      if (!isOurs(chain)) yield* journal.read(chain, options);
      else yield* left.filter(({ firstSeq }) => firstSeq > options.afterSeq);
    },
    commitAt: async (chain, seq) =>
      isOurs(chain)
        ? left.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq)
        : journal.commitAt(chain, seq),
    lastCommit: async (chain) => (isOurs(chain) ? left.at(-1) : journal.lastCommit(chain)),
  };
}

/** A moment in which all commits of the tests are old. */
export const NOW = Date.parse('2026-01-01T00:00:01Z');

/** Rebuilds all views of a tenant. @returns what the last step said */
export async function rebuildAll(
  options: TenantRebuildOptions,
  rebuild: { tenantId: string; run: string; discard?: string[] },
) {
  let state = await beginRebuild(options, rebuild);
  for (let done = false; !done;) ({ done, state } = await rebuildTenant(options, { state, untilMs: Infinity }));
  return state;
}

/** @returns the leaves of a digest that was made before a tenant had any event */
export function headsOfNothing(tenantId: string): string[] {
  return chainsOf(DEFAULT_CHAINS).map((chain) =>
    headText(tenantId, { chain, seq: 0, hash: sha256(fullChainName({ tenantId, chain })) }),
  );
}

/** @returns the rows of a clean projection of everything that a journal holds */
export async function cleanRows(journal: Journal, tenantId: string): Promise<Record<string, unknown>> {
  const store = createMemoryViews();
  const commits = await commitsOf(journal, tenantId);
  await projectBatch(
    commits.map((commit) => doorbellOf(commit)),
    projectorOn(journal, store),
  );
  return store.dump();
}

/** Projects what is behind, as the sweep has it done. */
export async function catchUp(
  journal: Journal & TenantRegistry,
  store: RebuildStore,
  projector = projectorOn(journal, store),
): Promise<void> {
  const lagging = await findLaggingChains({ journal, views: store });
  const failures = await projectBatch(
    lagging.map((ref) => ({ recordId: 'sweep', ref })),
    projector,
  );
  if (failures.length > 0) throw failures[0]?.error;
}

/** A store that lets others have their turn before each thing that is done there, as one that is reached over the network. */
export function farAway(store: RebuildStore): RebuildStore {
  return beforeEach(store, comesRound);
}

/** Tells by a method's name and arguments whether what it does matters. */
type Matters = (method: keyof RebuildStore, values: readonly unknown[]) => boolean;

/** A store that waits before each thing that is done there. */
function beforeEach(store: RebuildStore, wait: () => Promise<unknown>, matters: Matters = () => true): RebuildStore {
  return new Proxy(store, {
    get: (target, name: keyof RebuildStore) => {
      const method = target[name] as (...values: unknown[]) => Promise<unknown>;
      return async (...values: unknown[]) => {
        if (matters(name, values)) await wait();
        return method(...values);
      };
    },
  });
}

/** @returns views with the same rows. Only for rows under no fence. */
export async function copyOf(store: MemoryViews, tenantId: string): Promise<MemoryViews> {
  const copy = createMemoryViews();
  for (let from: RowKey | undefined, done = false; !done;) {
    const { rows, next } = await store.tenant(tenantId, from);
    for (const { key, text = 'null', seq } of rows) {
      const doc: unknown = JSON.parse(text);
      if (seq === undefined) await copy.put([{ key, doc }]);
      else await copy.advance({ key: key as RowKey<{ seq: number }>, from: 0, to: doc as { seq: number } }); // it stands at a number
    }
    from = next;
    done = next === undefined;
  }
  return copy;
}

/** Lets some callers do one thing at a time, in an order that is chosen. */
export interface Turns {
  /** The store of one caller, who waits for a turn before each thing that it does there, of those that matter to others. */
  storeOf(caller: string, store: RebuildStore, matters?: Matters): RebuildStore;
  /** Waits for a turn. */
  take(caller: string): Promise<void>;
  /** Gives turns until all work is done. A caller that dies never gets another one. */
  run(work: readonly Promise<unknown>[]): Promise<void>;
}

/** @param choose which of some callers that wait comes next, and whether it dies instead */
export function createTurns(choose: (waiting: readonly string[]) => { caller: string; dies?: boolean }): Turns {
  const waiting = new Map<string, () => void>();
  const dead = new Set<string>();
  const take = (caller: string): Promise<void> =>
    new Promise((resolve) => {
      if (!dead.has(caller)) waiting.set(caller, resolve);
    });
  return {
    take,
    storeOf: (caller, store, matters) => beforeEach(store, () => take(caller), matters),
    async run(work) {
      let left = work.length;
      const faults: unknown[] = [];
      for (const each of work) {
        void each.then(
          () => (left -= 1),
          (error: unknown) => {
            left -= 1;
            faults.push(error);
          },
        );
      }
      while (left - dead.size > 0) {
        // Everybody who can go on without a turn does so first.
        for (let idle = 0; idle < 3; idle += 1) await comesRound();
        if (waiting.size === 0) continue;
        const { caller, dies = false } = choose([...waiting.keys()].toSorted());
        const next = waiting.get(caller);
        waiting.delete(caller);
        if (dies) dead.add(caller);
        else next?.();
      }
      if (faults.length > 0) throw faults[0];
    },
  };
}

/** Runs something once for each way in which its choices can be made. @returns how many ways there are */
export async function inEveryWay(run: (choose: (count: number) => number) => Promise<void>): Promise<number> {
  const path: { choice: number; count: number }[] = [];
  for (let ways = 1; ; ways += 1) {
    let depth = 0;
    await run((count) => {
      const step = (path[depth] ??= { choice: 0, count });
      depth += 1;
      return step.choice;
    });
    for (let last = path.at(-1); last && last.choice === last.count - 1; last = path.at(-1)) path.pop();
    const last = path.at(-1);
    if (!last) return ways;
    last.choice += 1;
  }
}
