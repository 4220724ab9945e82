import type { ChainEvent } from '../contract/events.ts';
import type { ChainRef } from '../core/chain/name.ts';
import type { WorkingRows } from './projection/working-rows.ts';
import type { RowKey } from './row.ts';

/** Where an event stands. */
export interface Place extends ChainRef {
  /** First event of the commit that holds it. */
  commitFirstSeq: number;
}

/**
 * A view: rows as a pure function of a chain's events. Each row remembers the last event it holds (`seq`) and takes none
 * twice, so events may come again from any point at or after the cursor.
 */
export interface Reducer {
  /** The rows that `apply` reads for this event. */
  keys(event: ChainEvent, place: Place): RowKey[];
  apply(rows: WorkingRows, event: ChainEvent, place: Place): void;
}
