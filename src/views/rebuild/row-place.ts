import { CATALOG, chainOfId } from '../../core/chain/name.ts';
import { sweepProgressKey } from '../keys.ts';
import type { RowKey } from '../row.ts';
import { runOfShadow } from './shadow-store.ts';

/** Where a row of the views table belongs. */
export type RowPlace =
  /** Made from the events of a chain. */
  | { kind: 'chain'; chain: string }
  /** Says how far a chain is. */
  | { kind: 'cursor'; chain: string }
  /** Written by a rebuild, for its own use. */
  | { kind: 'shadow'; run: string }
  /** Not made from the journal's events: copies of digests, commits that were changed or cannot be read, the sweeps' progress. */
  | { kind: 'other' }
  | { kind: 'unknown' };

/** @returns where a row belongs by its key, as `keys.ts` makes it; the chain may be one that there is not */
export function placeOf(key: RowKey): RowPlace {
  const [tenantId = '', kind = '', id = '', ...rest] = key.pk.split('#');
  if (key.pk === sweepProgressKey(tenantId).pk) return { kind: 'other' };
  const run = runOfShadow(key);
  if (run !== undefined) return { kind: 'shadow', run };
  if (rest.length > 0) return { kind: 'unknown' };
  const ofChain = (chain: string | undefined): RowPlace =>
    chain === undefined ? { kind: 'unknown' } : { kind: 'chain', chain };
  switch (kind) {
    case 'cursor':
      return { kind: 'cursor', chain: key.sk };
    case 'ledger':
      return ofChain(key.sk.split('#')[0]);
    case 'account':
    case 'customer':
      return ofChain(chainOfId(id));
    case 'product':
      return ofChain(CATALOG);
    case 'customers':
    case 'accounts':
    case 'products':
    case 'breaches':
      return ofChain(id);
    case 'digest':
    case 'spoilt':
      return { kind: 'other' };
    default:
      return { kind: 'unknown' };
  }
}
