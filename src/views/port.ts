import type { Fence } from './projection/fence.ts';
import type { Row, RowKey } from './row.ts';

/** What stands at a number. The fence of a cursor is stored beside its document and given with it. */
interface Numbered {
  seq: number;
  fence?: Fence;
}

/** Where the views live. All reads are strongly consistent. */
export interface ViewStore {
  /**
   * @param options.since least generation of the rows
   * @returns one document a key, in order; undefined where there is no such row
   * @throws StaleRowError
   */
  get<Doc>(keys: readonly RowKey<Doc>[], options?: { since?: number }): Promise<(Doc | undefined)[]>;
  /** @returns all rows of a partition, by sort key */
  list(partition: string): Promise<{ sk: string; doc: unknown }[]>;
  /** Writes rows over what is there. Not atomic: a fault may leave some written. */
  put(rows: readonly Row[]): Promise<void>;
  /**
   * Moves a row that stands at a number, such as a cursor, if it still stands at `from` (0: there is none yet), and under the
   * fence that was read with it, if there was one.
   * @returns false when somebody else has moved it
   */
  advance<Doc extends Numbered>(request: {
    key: RowKey<Doc>;
    from: number;
    fence?: Fence | undefined;
    to: Doc;
  }): Promise<boolean>;
}

export class ViewsUnavailableError extends Error {
  readonly code = 'VIEWS_UNAVAILABLE';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ViewsUnavailableError';
  }
}
