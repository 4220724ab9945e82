import { sweepProgressKey } from '../keys.ts';
import type { RebuildStore } from './port.ts';
import { type RebuildState, rebuildState } from './rebuild-tenant.ts';

/** What a sweep had no time for: written when it ends, and deleted by the sweep that goes on with it. */
export interface SweepProgress {
  seq: number;
  state: RebuildState;
}

/**
 * Takes what the last sweep has left of a tenant. Nobody else has it then: of two sweeps at once, the second begins anew, under
 * another name. So does the sweep after one that has died, for that one may be alive.
 */
export async function takeProgress(store: RebuildStore, tenantId: string): Promise<RebuildState | undefined> {
  const row = await store.raw(sweepProgressKey(tenantId));
  if (!row || !(await store.remove(row))) return undefined;
  try {
    return rebuildState.parse((JSON.parse(row.text ?? '') as Partial<SweepProgress>).state);
  } catch {
    return undefined; // of an earlier version
  }
}

/** Leaves a state to the next sweep. Where another one has left its own by now, that stands: chains in doubt stay in doubt. */
export async function leaveProgress(store: RebuildStore, state: RebuildState): Promise<void> {
  await store.advance({ key: sweepProgressKey(state.tenantId), from: 0, to: { seq: 1, state } });
}
