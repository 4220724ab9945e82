import type { Row, RowKey } from './row.ts';

/** Where the views live. All reads are strongly consistent. */
export interface ViewStore {
  /** @returns one document a key, in order; undefined where there is no such row */
  get<Doc>(keys: readonly RowKey<Doc>[]): Promise<(Doc | undefined)[]>;
  /** @returns all rows of a partition, by sort key */
  list(partition: string): Promise<{ sk: string; doc: unknown }[]>;
  /** Writes rows over what is there. Not atomic: a fault may leave some written. */
  put(rows: readonly Row[]): Promise<void>;
  /**
   * Moves a row that stands at a number, such as a cursor, if it still stands at `from` (0: there is none yet).
   * @returns false when somebody else has moved it
   */
  advance<Doc extends { seq: number }>(request: { key: RowKey<Doc>; from: number; to: Doc }): Promise<boolean>;
}

export class ViewsUnavailableError extends Error {
  readonly code = 'VIEWS_UNAVAILABLE';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ViewsUnavailableError';
  }
}
