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
import { leaveDoubt } from '../../src/views/projection/doubt.ts';
import { isHeld } from '../../src/views/projection/fence.ts';
import { storedFence } from '../../src/views/rebuild/port.ts';
import { nameRun } from '../../src/views/rebuild/run.ts';
import { createShadow } from '../../src/views/rebuild/shadow-store.ts';

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
const DAY_MS = 86_400_000;

/** @returns the name of what sweeps rebuild: one for all of a day, so that a chain which takes several sweeps goes on */
function runOfSweeps(nowMs: number): string {
  return nameRun(nowMs - (nowMs % DAY_MS), 'sweep');
}

/**
 * Rebuilds chains that are in doubt, as far as there is time. A chain counts as done when its late rows have been looked for
 * too: until then it goes back into doubt. The shadows of chains that are under way stay, for the next time.
 * @param options.failed told of chains that cannot be rebuilt; the others are all the same
 * @returns the full names of those that were done
 */
export async function rebuildChains(
  refs: readonly ChainRef[],
  options: TenantRebuildOptions & { failed: (ref: ChainRef, error: unknown) => void },
): Promise<string[]> {
  const untilMs = options.now() + DOUBTS_MAX_MS;
  const rebuilt: string[] = [];
  for (const [tenantId, own] of Map.groupBy(refs, (ref) => ref.tenantId)) {
    const run = runOfSweeps(options.now());
    const chains = new Set(own.map(({ chain }) => chain));
    const failed = (ref: ChainRef, error: unknown): void => {
      chains.delete(ref.chain);
      options.failed(ref, error);
    };
    try {
      for (const chain of chains) {
        const fence = storedFence(await options.store.raw(cursorKey({ tenantId, chain })));
        // Another rebuild is about to mend it, or to leave it to the next sweep: nobody waits for that here.
        if (isHeld(fence, options.now()) && fence.held?.run !== run) chains.delete(chain);
      }
      if (chains.size === 0) continue;
      const begun = { ...(await beginRebuild(options, { tenantId, run })), chains: [...chains] };
      const { done, state } = await rebuildTenant({ ...options, failed }, { state: begun, untilMs });
      const released = [...chains].filter((chain) => !state.chains.includes(chain));
      if (done) {
        rebuilt.push(...released.map((chain) => fullChainName({ tenantId, chain })));
      } else {
        const late = [...state.again, ...(state.repeats > 0 ? state.chains : [])]; // let go, and late rows were found
        for (const chain of late) await leaveDoubt(options, { tenantId, chain });
        for (const chain of released) await doOver(options, { ref: { tenantId, chain }, run });
      }
    } catch (error) {
      for (const chain of chains) {
        options.failed({ tenantId, chain }, error);
        const ref = { tenantId, chain };
        await doOver(options, { ref, run }).catch((cause: unknown) => options.failed(ref, cause));
      }
    }
    if (options.now() >= untilMs) break;
  }
  return rebuilt;
}

/** Puts a chain back into doubt that was let go before its late rows had been looked for, and drops its shadow. */
async function doOver(options: TenantRebuildOptions, { ref, run }: { ref: ChainRef; run: string }): Promise<void> {
  await leaveDoubt(options, ref);
  await createShadow(options.store, { ref, run }).drop();
}
