import { type Fence, StaleRowError } from '../projection/fence.ts';
import type { RebuildStore, StoredRow } from '../rebuild/port.ts';
import type { RowKey } from '../row.ts';

/** A views table in memory. Documents go through JSON, as they do in a real one. */
export interface MemoryViews extends RebuildStore {
  /** @returns every row's document by its key, for comparison */
  dump(): Record<string, unknown>;
}

/** Rows of a page of a walk through the table. */
const PAGE_ROWS = 100;

export function createMemoryViews(): MemoryViews {
  const partitions = new Map<string, Map<string, StoredRow>>();
  const find = ({ pk, sk }: RowKey): StoredRow | undefined => partitions.get(pk)?.get(sk);
  const write = ({ pk, sk }: RowKey, row: Omit<StoredRow, 'key'>): void => {
    const partition = partitions.get(pk) ?? new Map<string, StoredRow>();
    partitions.set(pk, partition.set(sk, { ...row, key: { pk, sk } }));
  };
  const writeNumbered = (key: RowKey, { fence, ...doc }: { seq: number; fence?: Fence }): void =>
    write(key, {
      text: JSON.stringify(doc),
      generation: 0,
      seq: doc.seq,
      ...(fence && { fence: JSON.stringify(fence) }),
    });
  const erase = ({ pk, sk }: RowKey): void => {
    partitions.get(pk)?.delete(sk);
  };
  const sorted = (pk: string) =>
    [...(partitions.get(pk)?.values() ?? [])].sort(({ key: a }, { key: b }) => (a.sk < b.sk ? -1 : 1));
  const walk = (rows: readonly StoredRow[], start: RowKey | undefined) => {
    const after = start === undefined ? 0 : rows.findIndex(({ key }) => isAfter(key, start));
    const page = after < 0 ? [] : rows.slice(after, after + PAGE_ROWS);
    const last = page.length === PAGE_ROWS ? page.at(-1) : undefined;
    return { rows: page, ...(last && { next: last.key }) };
  };

  return {
    get: async (keys, options) =>
      keys.map((key) => {
        const row = find(key);
        if (row && row.generation < (options?.since ?? 0)) throw new StaleRowError(staleText(key));
        return documentOf(row) as never; // whoever wrote the row used a key of the same type
      }),
    list: async (partition) => sorted(partition).map((row) => ({ sk: row.key.sk, doc: documentOf(row) })),
    put: async (rows) => {
      for (const { key, doc, generation = 0 } of rows) write(key, { text: JSON.stringify(doc), generation });
    },
    advance: async ({ key, from, fence: expected, to }) => {
      const current = find(key);
      if ((current ? current.seq : 0) !== from || current?.fence !== textOf(expected)) return false;
      writeNumbered(key, to);
      return true;
    },
    raw: async (key) => find(key),
    replace: async ({ from, to }) => {
      const current = find(to.key);
      if (!isAsRead(current, from)) return false;
      writeNumbered(to.key, to.doc);
      return true;
    },
    remove: async (row) => {
      if (!isAsRead(find(row.key), row)) return false;
      erase(row.key);
      return true;
    },
    drop: async (keys) => {
      for (const key of keys) erase(key);
    },
    partition: async (pk, start) => walk(sorted(pk), start),
    tenant: async (tenantId, start) =>
      walk(
        [...partitions.keys()]
          .filter((pk) => pk.startsWith(`${tenantId}#`))
          .sort()
          .flatMap(sorted),
        start,
      ),
    dump: () =>
      Object.fromEntries(
        [...partitions.keys()]
          .sort()
          .flatMap((pk) =>
            sorted(pk).map(({ key, text = 'null' }) => [`${pk} ${key.sk}`, JSON.parse(text) as unknown]),
          ),
      ),
  };
}

function documentOf(row: StoredRow | undefined): unknown {
  if (row?.text === undefined) return undefined;
  const doc: unknown = JSON.parse(row.text);
  return row.fence === undefined ? doc : { ...(doc as object), fence: JSON.parse(row.fence) as Fence };
}

function textOf(fence: Fence | undefined): string | undefined {
  return fence && JSON.stringify(fence);
}

/** The same document may have been written since, under a newer generation. */
function isAsRead(row: StoredRow | undefined, read: StoredRow | undefined): boolean {
  if (!row || !read) return row === read;
  return row.text === read.text && row.fence === read.fence && row.generation <= read.generation;
}

function isAfter(key: RowKey, start: RowKey): boolean {
  return key.pk === start.pk ? key.sk > start.sk : key.pk > start.pk;
}

function staleText({ pk, sk }: RowKey): string {
  return `Row ${pk} ${sk} was written before its chain was rebuilt`;
}
