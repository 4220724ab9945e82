import * as z from 'zod';
import type { Cursor } from '../projection/cursor.ts';
import { type Fence, type FencedCursor, fenceOf } from '../projection/fence.ts';
import type { ViewStore } from '../port.ts';
import type { RowKey } from '../row.ts';

const fence: z.ZodType<Fence> = z.object({
  generation: z.int().min(0),
  rebuilt: z.int().min(0),
  taken: z.int().min(1).exactOptional(),
  held: z.object({ run: z.string(), untilMs: z.number() }).exactOptional(),
  doubt: z.literal(true).exactOptional(),
  owed: z.literal(true).exactOptional(),
});

/** As much of a cursor as projections go on from. */
const cursor = z.looseObject({
  seq: z.int().min(0),
  hash: z.string().length(64),
  committedAt: z.string(),
  counts: z.object({ customers: z.int().min(0), accounts: z.int().min(0), products: z.int().min(0) }),
  ledgerLines: z.record(z.string(), z.tuple([z.string(), z.string()])),
  ledgerRows: z.int().min(0),
});

/** A row as it is stored; nothing about it is trusted. */
export interface StoredRow {
  key: RowKey;
  /** The document's text; absent in a row that holds none. */
  text?: string;
  generation: number;
  /** Of rows that are moved by their number. */
  seq?: number;
  /** Its fence as text. */
  fence?: string;
}

/** @returns the fence of a stored cursor; that of one which nobody holds where none can be read */
export function storedFence(row: StoredRow | undefined): Fence {
  try {
    return fence.parse(JSON.parse(row?.fence ?? ''));
  } catch {
    return fenceOf(undefined);
  }
}

/** @returns the cursor that a row holds; undefined where it holds nothing of the kind */
export function storedCursor(row: StoredRow | undefined): Cursor | undefined {
  try {
    const doc = cursor.parse(JSON.parse(row?.text ?? ''));
    return doc.seq === row?.seq ? doc : undefined; // what else is in it the rebuild writes anew
  } catch {
    return undefined;
  }
}

/** Part of a walk through rows. */
export interface StoredPage {
  rows: StoredRow[];
  /** Where the next part begins; absent at the end. */
  next?: RowKey;
}

/** The views as a rebuild needs them: also rows that are damaged, that nobody knows of, or that are to go. */
export interface RebuildStore extends ViewStore {
  raw(key: RowKey): Promise<StoredRow | undefined>;
  /**
   * Writes a cursor over what was read, be that what it may.
   * @returns false when it is no longer that
   */
  replace(request: { from: StoredRow | undefined; to: { key: RowKey; doc: FencedCursor } }): Promise<boolean>;
  /** Deletes a row if it still is as it was read, and was not written anew since under a newer generation. */
  remove(row: StoredRow): Promise<boolean>;
  /** Deletes rows whatever they hold. Not atomic. */
  drop(keys: readonly RowKey[]): Promise<void>;
  /** Walks through the rows of a partition, by sort key. */
  partition(pk: string, start?: RowKey): Promise<StoredPage>;
  /** Walks through all rows of a tenant, in no order. */
  tenant(tenantId: string, start?: RowKey): Promise<StoredPage>;
}

/** Walks through a partition to its end, page by page. */
export async function* pagesOfPartition(
  store: Pick<RebuildStore, 'partition'>,
  pk: string,
  start?: RowKey,
): AsyncGenerator<StoredPage> {
  let from = start;
  do {
    const page = await store.partition(pk, from);
    yield page;
    from = page.next;
  } while (from);
}
