import type { ViewStore } from '../port.ts';
import type { Row } from '../row.ts';

interface Put {
  rows: readonly Row[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Makes puts that are asked for at the same time share requests: chains are projected side by side, each with a few rows, and
 * a request for 25 rows costs little more than one for five. Where a shared put fails each is tried alone, so that a chain
 * whose rows cannot be written fails nobody else.
 * @param whenIdle runs something when all that is to be done now has been done
 */
export function withSharedPuts(store: ViewStore, whenIdle: (run: () => void) => void = setImmediate): ViewStore {
  let waiting: Put[] = [];

  const flush = async (): Promise<void> => {
    const puts = waiting;
    waiting = [];
    try {
      await store.put(puts.flatMap(({ rows }) => rows));
      for (const put of puts) put.resolve();
    } catch (error) {
      const [only] = puts;
      if (only && puts.length === 1) return only.reject(error);
      await Promise.all(puts.map((put) => store.put(put.rows).then(put.resolve, put.reject)));
    }
  };

  return {
    get: (keys, request) => store.get(keys, request),
    list: (partition) => store.list(partition),
    advance: (request) => store.advance(request),
    put(rows) {
      if (rows.length === 0) return Promise.resolve();
      return new Promise<void>((resolve, reject) => {
        // What else is asked for before the event loop comes round goes along.
        if (waiting.length === 0) whenIdle(() => void flush());
        waiting.push({ rows, resolve, reject });
      });
    },
  };
}
