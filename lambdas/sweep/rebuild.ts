import * as z from 'zod';
import { tenantCode } from '../../src/contract/primitives.ts';
import { type ChainRef, fullChainName } from '../../src/core/chain/name.ts';
import type { TenantRegistry } from '../../src/journal/port.ts';
import {
  beginRebuild,
  rebuildState,
  type RebuildState,
  rebuildTenant,
  type TenantRebuildOptions,
} from '../../src/views/rebuild/rebuild-tenant.ts';
import { cursorKey } from '../../src/views/keys.ts';
import { type Fence, isHeld } from '../../src/views/projection/fence.ts';
import { storedFence } from '../../src/views/rebuild/port.ts';
import { nameRun, startOfRun } from '../../src/views/rebuild/run.ts';
import { createShadow } from '../../src/views/rebuild/shadow-store.ts';
import { leaveProgress, takeProgress } from '../../src/views/rebuild/sweep-progress.ts';

/** Time that a step of a rebuild may take: the function has four minutes, and what is under way is brought to an end. */
const STEP_MAX_MS = 150_000;

/** Asks for a rebuild: of all tenants, of one, or of one with chains of which the journal has lost events; or for its next step. */
const rebuildRequest = z.strictObject({
  rebuild: z.union([
    z
      .strictObject({ tenantId: tenantCode.optional(), discard: rebuildState.shape.discard })
      .refine(
        ({ tenantId, discard }) => tenantId !== undefined || discard.length === 0,
        'Name the tenant of the chain',
      ),
    rebuildState,
  ]),
  budgetMs: z.int().min(100).max(STEP_MAX_MS).optional(),
});

/** What a step of a rebuild has done. */
export interface RebuildAnswer {
  done: boolean;
  /** For the next step, as it stands. */
  rebuild: RebuildState;
  /** The tenant with which this step has come to an end, and there are others. */
  finished?: RebuildState;
}

export function asksForRebuild(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'rebuild' in event;
}

/**
 * Does a step of a rebuild of the views of one tenant or, one after the other, of all.
 * @throws ZodError when the event is no such request
 */
export async function rebuildStep(
  event: unknown,
  options: TenantRebuildOptions & { registry: TenantRegistry; unique: () => string },
): Promise<RebuildAnswer> {
  const { rebuild, budgetMs = STEP_MAX_MS } = rebuildRequest.parse(event);
  const untilMs = options.now() + budgetMs;
  const begin = async (tenants: readonly string[], discard: string[] = []): Promise<RebuildState> => {
    const [tenantId, ...others] = tenants;
    if (tenantId === undefined) throw new Error('Cannot rebuild views: there is no tenant');
    const run = nameRun(options.now(), options.unique());
    return { ...(await beginRebuild(options, { tenantId, run, discard })), others };
  };
  const { tenantId, discard } = rebuild;
  const tenants = async () => (tenantId === undefined ? options.registry.tenants() : [tenantId]);
  const begun = 'run' in rebuild ? rebuild : await begin(await tenants(), discard);
  const { done, state } = await rebuildTenant(options, { state: begun, untilMs });
  if (!done || state.others.length === 0) return { done, rebuild: state };
  return { done: false, rebuild: await begin(state.others), finished: state };
}

/** Time for chains in doubt in one sweep. What is not done then is taken up by the next. */
const DOUBTS_MAX_MS = 60_000;
/** A state that is older is not gone on with: after twice that time its shadows may be deleted. */
const STATE_MAX_AGE_MS = 86_400_000;

interface Doubts extends TenantRebuildOptions {
  /** Told of chains that cannot be rebuilt; the others are all the same. */
  failed: (ref: ChainRef, error: unknown) => void;
  unique: () => string;
}

/**
 * Rebuilds chains that are in doubt, as far as there is time; the next sweep goes on from there. A chain is in doubt, or owed,
 * until its late rows have been looked for too. It begins with any tenant, so that one who always takes the time keeps it from
 * nobody.
 * @returns the full names of those that were done
 */
export async function rebuildChains(refs: readonly ChainRef[], options: Doubts): Promise<string[]> {
  const startMs = options.now();
  const untilMs = startMs + DOUBTS_MAX_MS;
  const rebuilt: string[] = [];
  const tenants = [...Map.groupBy(refs, (ref) => ref.tenantId)];
  // The milliseconds of the clock are as good as dice, and no process has to remember where the last one ended.
  const first = startMs % tenants.length;
  for (const [tenantId, own] of [...tenants.slice(first), ...tenants.slice(0, first)]) {
    let begun: RebuildState | undefined;
    try {
      begun = await stateOf(own, tenantId, options);
      if (begun.chains.length === 0 && Object.keys(begun.released).length === 0) continue;
      const { done, state } = await rebuildTenant(options, { state: begun, untilMs });
      if (done) rebuilt.push(...Object.keys(state.released).map((chain) => fullChainName({ tenantId, chain })));
      else await leaveProgress(options.store, state);
    } catch (error) {
      for (const ref of own) options.failed(ref, error);
      if (begun) await dropShadows(options, begun);
    }
    if (options.now() >= untilMs) break;
  }
  return rebuilt;
}

/** @returns what the last sweep has left, or the beginning of another rebuild: of chains that no other rebuild holds */
async function stateOf(own: readonly ChainRef[], tenantId: string, options: Doubts): Promise<RebuildState> {
  const { store, now } = options;
  const left = await takeProgress(store, tenantId);
  const isFresh = left && now() - startOfRun(left.run) < STATE_MAX_AGE_MS;
  const run = nameRun(now(), options.unique());
  const chains = own.map(({ chain }) => chain);
  const state = isFresh ? left : { ...(await beginRebuild(options, { tenantId, run })), chains };
  const fences = new Map<string, Fence>();
  for (const chain of new Set([...state.chains, ...Object.keys(state.released)]))
    fences.set(chain, storedFence(await store.raw(cursorKey({ tenantId, chain }))));
  // Another rebuild is about to mend it, or to leave it to the next sweep: nobody waits for that here.
  const isOthers = (chain: string): boolean => {
    const fence = fences.get(chain);
    return fence !== undefined && isHeld(fence, now()) && fence.held?.run !== state.run;
  };
  const [first] = state.chains;
  if (first !== undefined && isOthers(first)) delete state.from;
  state.chains = state.chains.filter((chain) => !isOthers(chain));
  // What another rebuild has written since is for that one to look after.
  const released = Object.entries(state.released).filter(
    ([chain, generation]) => fences.get(chain)?.rebuilt === generation,
  );
  return { ...state, released: Object.fromEntries(released) };
}

/** Deletes what nobody goes on with. */
async function dropShadows(
  { store, failed }: Doubts,
  { tenantId, run, chains, released }: RebuildState,
): Promise<void> {
  for (const chain of new Set([...chains, ...Object.keys(released)])) {
    const ref = { tenantId, chain };
    await createShadow(store, { ref, run })
      .drop()
      .catch((error: unknown) => failed(ref, error));
  }
}
