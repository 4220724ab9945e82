import * as z from 'zod';
import { tenantCode } from '../../contract/primitives.ts';
import { type ChainRef, chainsOf } from '../../core/chain/name.ts';
import { cursorKey } from '../keys.ts';
import { settleOwed } from '../projection/doubt.ts';
import type { TenantReader } from '../queries/read-tenant.ts';
import { countBreaches } from './count-breaches.ts';
import { storedFence } from './port.ts';
import { EventsLostError, notesOfDigests } from './lost-events.ts';
import { rebuildChain, type RebuildOptions } from './rebuild-chain.ts';
import { createShadow } from './shadow-store.ts';
import { sweepOut } from './sweep-out.ts';

const chain = z.string().regex(/^(?:\d\d|catalog)$/);
const count = z.int().min(0);

/** How far the rebuild of a tenant's views is: all that the next step has to know. */
export const rebuildState = z.strictObject({
  tenantId: tenantCode,
  run: z.string().regex(/^\d+-[\w-]{1,64}$/),
  /** Chains that are still to be rebuilt, the one under way first. */
  chains: z.array(chain),
  /** Where to go on with the first of them. */
  from: z.string().optional(),
  /** Where to go on with looking for rows that are to go. */
  sweepFrom: z.strictObject({ pk: z.string(), sk: z.string() }).optional(),
  /** Chains that are to be rebuilt once more, since somebody was late. */
  again: z.array(chain),
  /** Chains whose late rows are still to be looked for, each with the generation of its rebuild. */
  released: z.record(chain, count).default({}),
  /** Chains that are left as they are, with all their rows, and why. */
  refused: z.array(z.strictObject({ chain, reason: z.string() })).default([]),
  /** Chains that are rebuilt even where the views know more than the journal, which deletes that. */
  discard: z.array(chain).default([]),
  /** So far: chains rebuilt (each counts once), events projected, rows written over old ones, rows deleted, times that chains had to be rebuilt again. */
  rebuilt: count,
  events: count,
  rows: count,
  removed: count,
  repeats: count,
  /** Breaches of invariants that the events of the journal show. */
  breaches: count.default(0),
  /** What is no breach, and yet limits what is proved by a rebuild that refused nothing; looked for by the first step. */
  notes: z.array(z.string()).optional(),
  /** Tenants whose turn is after this one. */
  others: z.array(tenantCode),
});
export type RebuildState = z.infer<typeof rebuildState>;

/** Times that late writers may make a rebuild begin again. */
const REPEATS_MAX = 20;
/** Time between two looks at a chain that another rebuild holds. */
const POLL_MS = 200;

export interface TenantRebuildOptions extends RebuildOptions {
  readTenant: TenantReader;
  /** Calls for the projection of a chain that is let go: what came meanwhile has been passed over. */
  ring: (ref: ChainRef) => Promise<void>;
  /**
   * Told of chains that cannot be rebuilt, where the others are to be all the same; else the first of them ends it, but for one
   * of which the journal has lost events.
   */
  failed?: (ref: ChainRef, error: unknown) => void;
}

/**
 * @returns the state from which a rebuild of all chains of a tenant begins
 * @throws when there is no such tenant, or it does not have a chain that is to be discarded
 */
export async function beginRebuild(
  { journal, readTenant }: Pick<TenantRebuildOptions, 'journal' | 'readTenant'>,
  { tenantId, run, discard = [] }: { tenantId: string; run: string; discard?: string[] },
): Promise<RebuildState> {
  const chains = await chainsOfTenant({ journal, readTenant }, tenantId);
  const strange = discard.find((name) => !chains.includes(name));
  if (strange !== undefined)
    throw new Error(
      `Cannot rebuild the views of tenant "${tenantId}": it has no chain ${strange}, but ${chains[0]} to ${chains.at(-2)} and ${chains.at(-1)}`,
    );
  return {
    tenantId,
    run,
    chains,
    again: [],
    released: {},
    refused: [],
    discard,
    rebuilt: 0,
    events: 0,
    rows: 0,
    removed: 0,
    repeats: 0,
    breaches: 0,
    others: [],
  };
}

async function chainsOfTenant(
  { journal, readTenant }: Pick<TenantRebuildOptions, 'journal' | 'readTenant'>,
  tenantId: string,
): Promise<string[]> {
  const tenant = await readTenant(journal, tenantId);
  if (!tenant) throw new Error(`Cannot rebuild the views of tenant "${tenantId}": there is no such tenant`);
  return chainsOf(tenant.chains);
}

/**
 * Rebuilds a tenant's views, chain after chain, then deletes what is left over; or does a part of it, and says how to go on. The
 * last step deletes the shadows.
 * @param step.untilMs time after which it ends as soon as it can, in milliseconds since the epoch
 */
export async function rebuildTenant(
  options: TenantRebuildOptions,
  { state: before, untilMs }: { state: RebuildState; untilMs: number },
): Promise<{ done: boolean; state: RebuildState }> {
  const { store, now, sleep, ring, failed } = options;
  const state: RebuildState = structuredClone(before);
  const { tenantId, run } = state;
  const all = await chainsOfTenant(options, tenantId);
  state.notes ??= await notesOfDigests(store, tenantId);
  const isRefused = (name: string): boolean => state.refused.some(({ chain: one }) => one === name);

  for (;;) {
    for (let next = state.chains[0]; next !== undefined; next = state.chains[0]) {
      const ref = { tenantId, chain: next };
      const discard = state.discard.includes(next);
      const step = await rebuildChain(options, { ref, run, untilMs, from: state.from, discard }).catch(
        (error: unknown) => {
          if (!failed && !(error instanceof EventsLostError)) throw error;
          failed?.(ref, error);
          state.refused.push({ chain: ref.chain, reason: error instanceof Error ? error.message : String(error) });
        },
      );
      // A chain that is rebuilt once more shows the same ones.
      if ((!step || step.done) && state.repeats === 0)
        state.breaches += await countBreaches(createShadow(store, { ref, run }), ref);
      if (!step) {
        state.chains.shift();
        delete state.from;
        continue;
      }
      state.events += step.events;
      state.rows += step.rows;
      state.from = step.from;
      if (step.done) {
        if (step.generation !== undefined) state.released[next] = step.generation;
        await ring(ref);
        state.chains.shift();
        if (state.repeats === 0) state.rebuilt += 1;
      }
      if (now() >= untilMs) return { done: false, state };
      if (!step.done) await sleep(POLL_MS);
    }
    // Where nothing was rebuilt nothing can be left over.
    if (Object.keys(state.released).length === 0 && state.discard.length === 0) break;
    const { removed, again, next } = await sweepOut(options, {
      tenantId,
      chains: all,
      kept: state.refused.map(({ chain: name }) => name),
      discard: state.discard,
      run,
      from: state.sweepFrom,
      untilMs,
    });
    state.removed += removed;
    state.again = [...new Set([...state.again, ...again])];
    state.sweepFrom = next && { pk: next.pk, sk: next.sk };
    if (next) return { done: false, state };
    for (const name of all) {
      const { doubt } = storedFence(await store.raw(cursorKey({ tenantId, chain: name })));
      if (doubt && !state.again.includes(name) && !isRefused(name)) state.again.push(name);
    }
    if (state.again.length === 0) break;
    state.chains = state.again;
    state.again = [];
    state.repeats += 1;
    if (state.repeats > REPEATS_MAX)
      throw new Error(`Cannot rebuild the views of tenant "${tenantId}": rows are written late again and again`);
  }
  for (const [name, generation] of Object.entries(state.released))
    await settleOwed(options, { tenantId, chain: name }, generation);
  for (const name of all) await createShadow(store, { ref: { tenantId, chain: name }, run }).drop();
  return { done: true, state };
}
