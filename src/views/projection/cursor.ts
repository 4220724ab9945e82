import { type Sha256, genesisHash } from '../../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { LedgerLines } from '../ledger/ledger-row.ts';
import type { Watch } from '../monitor/watch.ts';
import { LIST_KINDS, type ListKind } from '../lists/list-page.ts';

/**
 * How far the views of a chain are, how long its lists are then, and its share of the ledger: pk `<tenant>#cursor`, sk `<chain>`.
 * Written last, so whatever it names is there.
 */
export interface Cursor {
  /** Last event projected. */
  seq: number;
  /** Hash of that event. */
  hash: string;
  /** Commit time of that event, empty before the first. */
  committedAt: string;
  /** Ids on the chain's lists. */
  counts: Record<ListKind, number>;
  /** The first lines of the ledger: what fits one write unit. */
  ledgerLines: LedgerLines;
  /** Rows that hold the chain's further ledger lines. */
  ledgerRows: number;
  /** What the monitor has counted; absent in rows that were written before it did. */
  watch?: Watch;
}

/** The cursor of a chain of which nothing has been projected. */
export function initialCursor(ref: ChainRef, sha256: Sha256): Cursor {
  return {
    seq: 0,
    hash: genesisHash(fullChainName(ref), sha256),
    committedAt: '',
    counts: Object.fromEntries(LIST_KINDS.map((kind) => [kind, 0])) as Cursor['counts'], // one entry for each kind
    ledgerLines: {},
    ledgerRows: 0,
  };
}
