import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Journal, TenantRegistry } from '../../src/journal/port.ts';
import { JOURNAL_TABLE, startEngine } from './engine.ts';

export interface JournalEngine {
  /** The journal; every caller gets a client of its own, as every process would have. */
  journal(): Journal & TenantRegistry;
  stop(): Promise<void>;
}

/** Every engine that the contract suites run on. */
export const JOURNAL_ENGINES: Record<string, () => Promise<JournalEngine>> = {
  memory: async () => {
    const journal = createMemoryJournal();
    return { journal: () => journal, stop: async () => {} };
  },
  embedded: async () => {
    const engine = await startEngine();
    return {
      journal: () => createDynamoJournal({ client: engine.connect(), tableName: JOURNAL_TABLE }),
      stop: () => engine.stop(),
    };
  },
};

/** What can be done to a journal's append in a test: `before` nothing was written, `after` it was, but the answer is lost. */
export type AppendFault = 'none' | 'before' | 'after' | 'late';

/**
 * Wraps a journal so that appends fail as the plan says, one entry an append; without an entry they pass.
 * `late`: the answer is lost and the write lands only with the next call of any kind.
 */
export function withFaults(journal: Journal, plan: AppendFault[], unavailable: () => Error): Journal {
  let delayed: (() => Promise<unknown>) | undefined;
  const land = async () => {
    const write = delayed;
    delayed = undefined;
    await write?.();
  };
  return {
    async append(request) {
      const fault = plan.shift() ?? 'none';
      await land();
      if (fault === 'before') throw unavailable();
      if (fault === 'late') {
        delayed = () => journal.append(request);
        throw unavailable();
      }
      const result = await journal.append(request);
      if (fault === 'after') throw unavailable();
      return result;
    },
    async *read(ref, options) {
      // The delayed write lands after this read: the reader does not see it yet.
      yield* journal.read(ref, options);
      await land();
    },
    commitAt: (ref, seq) => journal.commitAt(ref, seq),
    lastCommit: (ref) => journal.lastCommit(ref),
    taken: (reservations) => journal.taken(reservations),
  };
}
