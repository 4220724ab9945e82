import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { ChainRows } from './chain-rows.ts';
import { type FencedCursor, fenceOf, handOf } from './fence.ts';

/** Rows in memory, all chains together: an account takes about 1.5 KB, so this is some 90 MB at most. */
const CACHE_MAX_ROWS = 60_000;

/**
 * Keeps the rows of recently projected chains, so that a warm projection reads nothing but its cursor. They are valid as long as
 * the chain's cursor stands where the last round put it, and nobody else has had the chain in hand.
 */
export class ChainCache {
  readonly #chains = new Map<string, { rows: ChainRows; hand: string }>();
  readonly #maxRows: number;
  #rowCount = 0;

  constructor(maxRows: number = CACHE_MAX_ROWS) {
    this.#maxRows = maxRows;
  }

  /** Takes a chain's rows out: while somebody works on them nobody else does, and after a fault they are gone. */
  take(ref: ChainRef, cursor: FencedCursor): ChainRows {
    const name = fullChainName(ref);
    const cached = this.#chains.get(name);
    if (cached) this.#drop(name, cached.rows);
    const isValid = cached?.rows.cursor.seq === cursor.seq && cached.hand === handOf(fenceOf(cursor));
    return isValid ? cached.rows : new ChainRows(ref, cursor);
  }

  /** Puts a chain's rows back, and drops those of the chains that were used longest ago. */
  put(rows: ChainRows, cursor: FencedCursor): void {
    const name = fullChainName(rows.ref);
    const current = this.#chains.get(name);
    if (current) this.#drop(name, current.rows);
    this.#chains.set(name, { rows, hand: handOf(fenceOf(cursor)) });
    this.#rowCount += rows.size;
    for (const [oldest, others] of this.#chains) {
      if (this.#rowCount <= this.#maxRows) break;
      this.#drop(oldest, others.rows);
    }
  }

  #drop(name: string, rows: ChainRows): void {
    this.#chains.delete(name);
    this.#rowCount -= rows.size;
  }
}
