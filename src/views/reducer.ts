import type { ChainEvent } from '../contract/events.ts';
import type { ChainRows } from './projection/chain-rows.ts';

/**
 * A view: rows as a pure function of a chain's events. Each row remembers the last event it holds (`seq`) and takes none
 * twice, so events may come again from any point at or after the cursor.
 */
export interface Reducer {
  /** Asks for the rows that `apply` reads for this event. */
  want(rows: ChainRows, event: ChainEvent, commitFirstSeq: number): void;
  /** Changes rows in place. @param commitFirstSeq first event of the commit that holds the event */
  apply(rows: ChainRows, event: ChainEvent, commitFirstSeq: number): void;
}
