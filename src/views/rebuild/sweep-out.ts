import { CATALOG, type ChainRef } from '../../core/chain/name.ts';
import { cursorKey } from '../keys.ts';
import type { RowKey } from '../row.ts';
import { storedCursor, storedFence, type StoredRow } from './port.ts';
import { extendShadow, type RebuildOptions } from './rebuild-chain.ts';
import { placeOf } from './row-place.ts';
import { startOfRun } from './run.ts';
import { createShadow } from './shadow-store.ts';

/** Shadows of rebuilds that began longer ago are of ones that were given up. */
const SHADOW_MAX_AGE_MS = 48 * 3_600_000;

export interface SweepOut {
  tenantId: string;
  /** The tenant's chains. */
  chains: readonly string[];
  /** Those whose rows are all left as they are. */
  kept: readonly string[];
  /** Those whose rows are deleted even where they are all that is left of the chain. */
  discard: readonly string[];
  run: string;
  from?: RowKey | undefined;
  /** Time after which it ends as soon as it can, in milliseconds since the epoch. */
  untilMs: number;
}

export interface SwepOut {
  /** Rows deleted. */
  removed: number;
  /**
   * Chains that are to be rebuilt by this run, again or for the first time, since a round that had begun before put rows over
   * new ones, or may have.
   */
  again: string[];
  /** Where to go on; absent at the end. */
  next?: RowKey;
}

/**
 * Walks through the rows of a tenant whose chains have been rebuilt, and deletes what the journal does not call for. That is a
 * row of no chain, or one that was written before its chain was rebuilt: unless the shadow has it too, for then the rebuild had
 * written it, and somebody who was too late has put an old one in its place. Before the shadow is believed not to have a row it takes
 * in what has come since, so that it does not matter whether another run has rebuilt the chain meanwhile. Where an earlier run
 * rebuilt it, there is no shadow left to tell one from the other: this run is to rebuild it too.
 */
export async function sweepOut(options: RebuildOptions, sweep: SweepOut): Promise<SwepOut> {
  const { journal, store, now } = options;
  const { tenantId, chains, run, untilMs } = sweep;
  const rebuilt = new Map<string, number>();
  const kept = new Set(sweep.kept);
  const projected = new Set<string>();
  for (const chain of chains) {
    const cursor = await store.raw(cursorKey({ tenantId, chain }));
    rebuilt.set(chain, storedFence(cursor).rebuilt);
    // What was projected was in the journal: if it is gone from there, nobody but the views knows of it.
    if ((storedCursor(cursor)?.seq ?? 0) > 0 && !sweep.discard.includes(chain)) projected.add(chain);
  }
  const isEmpty = async (ref: ChainRef) => (await journal.lastCommit(ref)) === undefined;

  /** Chains whose shadows hold all that was in the journal when the page at hand had been read. */
  let extended = new Set<string>();
  /** Also of a chain that this run has not rebuilt: its shadow has no cursor, and nothing to say. */
  const mayBeShadowed = async (ref: ChainRef, { key }: StoredRow): Promise<boolean> => {
    const shadow = createShadow(store, { ref, run });
    const has = async () => (await shadow.get([key]))[0] !== undefined;
    if ((await has()) || !(await shadow.cursor(ref))) return true;
    if (extended.has(ref.chain)) return false;
    await extendShadow(options, { ref, run });
    extended.add(ref.chain);
    return has();
  };

  const again = new Set<string>();
  let removed = 0;
  const look = async (row: StoredRow): Promise<'keep' | 'remove'> => {
    const place = placeOf(row.key);
    switch (place.kind) {
      case 'other':
        return 'keep';
      case 'shadow':
        return place.run === run || now() - startOfRun(place.run) < SHADOW_MAX_AGE_MS ? 'keep' : 'remove';
      case 'cursor':
      case 'chain': {
        const ref = { tenantId, chain: place.chain };
        const since = rebuilt.get(place.chain);
        // Which chains there are, the catalog says: as long as it is what it was.
        if (since === undefined) return kept.has(CATALOG) ? 'keep' : 'remove';
        if (kept.has(place.chain)) return 'keep';
        // Asked after the row was read: what is made from the journal is not there before the journal is.
        const isGone = async () => !projected.has(place.chain) && (await isEmpty(ref));
        if (since === 0) return (await isGone()) ? 'remove' : 'keep';
        if (place.kind === 'cursor' || row.generation >= since) return 'keep';
        if (!(await mayBeShadowed(ref, row)) || (await isGone())) return 'remove';
        again.add(place.chain);
        return 'keep';
      }
      case 'unknown':
        return 'remove';
      default:
        return place satisfies never;
    }
  };

  let { from } = sweep;
  do {
    const { rows, next } = await store.tenant(tenantId, from);
    extended = new Set();
    for (const row of rows) if ((await look(row)) === 'remove' && (await store.remove(row))) removed += 1;
    from = next;
  } while (from && now() < untilMs);
  return { removed, again: [...again], ...(from && { next: from }) };
}
