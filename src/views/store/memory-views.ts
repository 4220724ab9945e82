import type { ViewStore } from '../port.ts';

/** A views table in memory. Documents go through JSON, as they do in a real one. */
export interface MemoryViews extends ViewStore {
  /** @returns every row by its key, for comparison */
  dump(): Record<string, unknown>;
}

export function createMemoryViews(): MemoryViews {
  const partitions = new Map<string, Map<string, string>>();
  const read = (pk: string, sk: string): unknown => {
    const json = partitions.get(pk)?.get(sk);
    return json === undefined ? undefined : JSON.parse(json);
  };
  const write = (pk: string, sk: string, doc: unknown): void => {
    const partition = partitions.get(pk) ?? new Map<string, string>();
    partitions.set(pk, partition.set(sk, JSON.stringify(doc)));
  };
  const sorted = (pk: string) =>
    [...(partitions.get(pk)?.keys() ?? [])].sort().map((sk) => ({ sk, doc: read(pk, sk) }));

  return {
    get: async (keys) => keys.map(({ pk, sk }) => read(pk, sk) as never), // whoever wrote the row used a key of the same type
    list: async (partition) => sorted(partition),
    put: async (rows) => {
      for (const { key, doc } of rows) write(key.pk, key.sk, doc);
    },
    advance: async ({ key, from, to }) => {
      const current = read(key.pk, key.sk) as typeof to | undefined; // whoever wrote the row used a key of the same type
      if ((current?.seq ?? 0) !== from) return false;
      write(key.pk, key.sk, to);
      return true;
    },
    dump: () =>
      Object.fromEntries(
        [...partitions.keys()].sort().flatMap((pk) => sorted(pk).map(({ sk, doc }) => [`${pk} ${sk}`, doc])),
      ),
  };
}
