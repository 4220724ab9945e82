import type { ChainRef } from '../../core/chain/name.ts';
import { cursorKey, shadowsPrefix } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import type { Cursor } from '../projection/cursor.ts';
import type { RowKey } from '../row.ts';
import { pagesOfPartition, type RebuildStore } from './port.ts';

/** A row as it stands in a shadow. */
export interface ShadowRow {
  key: RowKey;
  text: string;
  /** Whether others take the row for granted: it is to be there before them. */
  sealed: boolean;
}

/**
 * The views of one chain beside the real ones, in a partition of their own: there a projection writes them anew, from the first
 * event on, as often as it takes, while the real ones stay as they are. Nobody else writes there, and no query reads it.
 */
export interface Shadow extends ViewStore {
  /** Rows in the order in which they can be copied: pages of statements first, since rows of accounts take them for granted. */
  page(start?: string): Promise<{ rows: ShadowRow[]; next?: string }>;
  /** @returns the cursor up to which it holds the chain */
  cursor(ref: ChainRef): Promise<Cursor | undefined>;
  /** Deletes it all. */
  drop(): Promise<void>;
}

/** @param run whose rebuild it is: two at a time do not get in each other's way */
export function createShadow(store: RebuildStore, { ref, run }: { ref: ChainRef; run: string }): Shadow {
  const pk = shadowPartition(ref, run);
  const inShadow = (key: RowKey): RowKey => ({ pk, sk: sortKeyOf(key) });
  return {
    get: (keys) => store.get(keys.map(inShadow)) as Promise<never>, // the rows are those of the keys, under other keys
    put: (rows) => store.put(rows.map(({ key, doc }) => ({ key: inShadow(key), doc }))),
    advance: (request) => store.advance({ ...request, key: inShadow(request.key) as typeof request.key }),
    async list(partition) {
      const prefix = sortKeyOf({ pk: partition, sk: '' });
      const rows: { sk: string; doc: unknown }[] = [];
      for await (const page of pagesOfPartition(store, pk, { pk, sk: prefix })) {
        for (const { key, text } of page.rows) {
          if (!key.sk.startsWith(prefix)) return rows;
          rows.push({ sk: key.sk.slice(prefix.length), doc: JSON.parse(text ?? 'null') });
        }
      }
      return rows;
    },
    async page(start) {
      const { rows, next } = await store.partition(pk, start === undefined ? undefined : { pk, sk: start });
      return { rows: rows.map(({ key, text = '' }) => ({ ...keyIn(key.sk), text })), ...(next && { next: next.sk }) };
    },
    async cursor(chain) {
      return (await store.get([inShadow(cursorKey(chain)) as RowKey<Cursor>]))[0];
    },
    async drop() {
      for await (const { rows } of pagesOfPartition(store, pk)) await store.drop(rows.map(({ key }) => key));
    },
  };
}

function shadowPartition(ref: ChainRef, run: string): string {
  return `${shadowsPrefix(ref.tenantId)}${run}#${ref.chain}`;
}

/** @returns the run whose shadow a row stands in; undefined for any other row */
export function runOfShadow({ pk }: RowKey): string | undefined {
  const [tenantId = '', , run] = pk.split('#');
  return pk.startsWith(shadowsPrefix(tenantId)) ? run : undefined;
}

function sortKeyOf({ pk, sk }: RowKey): string {
  return `${sk.startsWith('page#') ? 0 : 1} ${pk} ${sk}`;
}

function keyIn(sortKey: string): { key: RowKey; sealed: boolean } {
  const [order, pk = '', sk = ''] = sortKey.split(' ');
  return { key: { pk, sk }, sealed: order === '0' };
}
