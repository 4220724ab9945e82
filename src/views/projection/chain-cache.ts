/** Rows of one chain as the last round left them. Valid as long as the chain's cursor stands where that round put it. */
export interface CachedChain {
  seq: number;
  rows: Map<string, unknown>;
}

/** Rows in memory, all chains together: an account's row is about 2 KB, so this is some 40 MB at most. */
const CACHE_MAX_ROWS = 20_000;

/** Keeps the rows of recently projected chains, so that a warm projection reads nothing but its cursor. */
export class ChainCache {
  readonly #chains = new Map<string, CachedChain>();
  readonly #maxRows: number;
  #rowCount = 0;

  constructor(maxRows: number = CACHE_MAX_ROWS) {
    this.#maxRows = maxRows;
  }

  /** Takes a chain's rows out: while somebody works on them nobody else does, and after a fault they are gone. */
  take(chain: string, seq: number): CachedChain {
    const cached = this.#chains.get(chain);
    if (cached) this.#drop(chain, cached);
    return cached?.seq === seq ? cached : { seq, rows: new Map() };
  }

  /** Puts a chain's rows back, and drops those of the chains that were used longest ago. */
  put(chain: string, cached: CachedChain): void {
    const current = this.#chains.get(chain);
    if (current) this.#drop(chain, current);
    this.#chains.set(chain, cached);
    this.#rowCount += cached.rows.size;
    for (const [oldest, rows] of this.#chains) {
      if (this.#rowCount <= this.#maxRows) break;
      this.#drop(oldest, rows);
    }
  }

  #drop(chain: string, cached: CachedChain): void {
    this.#chains.delete(chain);
    this.#rowCount -= cached.rows.size;
  }
}
