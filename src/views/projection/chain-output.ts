import type { ViewStore } from '../port.ts';
import type { Row } from '../row.ts';
import type { Fence } from './fence.ts';

/** Where the rounds of one call read and write the rows of a chain. */
export interface ChainOutput extends ViewStore {
  /** The fence under which rows are read and written from now on. */
  fence: Fence;
}

export function createChainOutput(store: ViewStore, fence: Fence): ChainOutput {
  const stamped = (rows: readonly Row[]): readonly Row[] =>
    output.fence.generation === 0 ? rows : rows.map((row) => ({ ...row, generation: output.fence.generation }));
  const output: ChainOutput = {
    fence,
    get: (keys) => store.get(keys, { since: output.fence.rebuilt }),
    list: (partition) => store.list(partition),
    advance: (request) => store.advance(request),
    put: async (rows) => (rows.length > 0 ? store.put(stamped(rows)) : undefined),
  };
  return output;
}
