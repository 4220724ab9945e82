import type { ViewStore } from '../port.ts';
import type { Row } from '../row.ts';
import type { Fence } from './fence.ts';

/** Where the rounds of one call read and write the rows of a chain: under the fence that the call has read. */
export interface ChainOutput extends ViewStore {
  /** The fence under which rows are read and written from now on. */
  fence: Fence;
  /** Whether a row was written since the cursor was moved last, or may have been. */
  readonly hasWritten: boolean;
  /** Writes once more what was written since the cursor was moved last, in the same order. */
  again(): Promise<void>;
  /** Says that the cursor was moved. */
  moved(): void;
}

export function createChainOutput(store: ViewStore, fence: Fence): ChainOutput {
  let puts: (readonly Row[])[] = [];
  const stamped = (rows: readonly Row[]): readonly Row[] =>
    output.fence.generation === 0 ? rows : rows.map((row) => ({ ...row, generation: output.fence.generation }));
  const output = {
    fence,
    get hasWritten() {
      return puts.length > 0;
    },
    get: ((keys) => store.get(keys, { since: output.fence.rebuilt })) as ViewStore['get'],
    list: (partition: string) => store.list(partition),
    advance: ((request) => store.advance(request)) as ViewStore['advance'],
    async put(rows: readonly Row[]) {
      if (rows.length === 0) return;
      puts.push(rows);
      await store.put(stamped(rows));
    },
    async again() {
      for (const rows of puts) await store.put(stamped(rows));
    },
    moved() {
      puts = [];
    },
  };
  return output;
}
