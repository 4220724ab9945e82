import { digestsPartition, shadowsPrefix } from '../views/keys.ts';
import type { ViewsComparison } from './result.ts';
import type { AuditSource, StoredItem } from './source.ts';
import type { TenantReader } from './tenant-reader.ts';
import { createViewCompare, type ViewCompare } from './view-compare.ts';
import { type Cursors, cursorsOf, isSame, laggingChains } from './view-cursors.ts';

/** Time between two looks at the cursors. */
const POLL_MS = 100;

export interface Clock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/** Most times that rows are compared, the first time all of them. */
const PASSES_MAX = 100;

/** A row that is a breach was so for this long, or for half of the time there is: longer than a projection takes to write. */
const AGAIN_AFTER_MS = 1_000;

/** Partitions that are read one by one; beyond that all of the table is. */
const PARTITIONS_MAX = 500;

interface Options {
  readers: readonly TenantReader[];
  source: AuditSource;
  tenantId: string | undefined;
  waitMs: number;
  clock: Clock;
  /** Takes rows of tenants that are not audited. */
  stray: (item: StoredItem) => void;
}

/**
 * Compares the views with the journal where the cursors stand, once they have reached what was read of the journal. Rows that
 * the projections changed meanwhile are read again, with the journal read on, until they agree, are plainly wrong or there is
 * no time left: so a ledger in use is compared as well, row by row and not all at one moment.
 */
export async function auditViews(options: Options): Promise<ViewsComparison> {
  const { readers, waitMs, clock } = options;
  const againAfterMs = Math.min(AGAIN_AFTER_MS, waitMs / 2);
  const compares = new Map(
    readers.map((reader) => [
      reader,
      createViewCompare({ tenantId: reader.tenantId, isOurs: (id) => reader.isOurs(id) }),
    ]),
  );
  const startMs = clock.nowMs();
  let passes = 0;
  let rows = 0;
  for (;;) {
    const passStartMs = clock.nowMs();
    const cursors = await cursorsOf(options);
    const behind = readers.flatMap((reader) => laggingChains(reader, cursors));
    if (behind.length === 0) {
      const read = await comparePass(compares, {
        cursors,
        isFirst: passes === 0,
        startMs: passStartMs,
        againAfterMs,
        ...options,
      });
      if (passes === 0) rows = read;
      passes += 1;
    }
    const isDone = passes > 0 && openIn(compares).length === 0;
    const waitedMs = Math.round(clock.nowMs() - startMs);
    if (isDone || waitedMs >= waitMs || passes >= PASSES_MAX) {
      for (const [reader, { findings }] of compares) reader.state.findings.add(findings);
      if (isDone) return { state: 'compared', rows, waitedMs };
      // Whose views are behind says nothing about rows that belong to nobody.
      if (passes === 0) await takeStrays(options);
      reportBehind(behind, waitedMs);
      return { state: behind.length > 0 ? 'behind' : 'moving', rows, waitedMs };
    }
    await clock.sleep(Math.min(POLL_MS, waitMs - waitedMs));
  }
}

type Compares = Map<TenantReader, ViewCompare>;

function openIn(compares: Compares): string[] {
  return [...compares.values()].flatMap((compare) => [...compare.open()]);
}

interface PassOptions extends Options {
  cursors: Cursors;
  isFirst: boolean;
  startMs: number;
  againAfterMs: number;
}

/** Reads the rows that are not settled and compares them. @returns how many were read */
async function comparePass(all: Compares, options: PassOptions): Promise<number> {
  const { source, tenantId, cursors, isFirst } = options;
  const compares = isFirst ? all : new Map([...all].filter(([, compare]) => compare.open().size > 0));
  const partitions = openIn(compares);
  if (isFirst || partitions.length > PARTITIONS_MAX) {
    await beginPass(compares, cursors);
    const without = [...compares.keys()].flatMap((reader) => reader.keysElsewhere());
    const rows = source.viewRows({ tenantId, without });
    const read = await takeRows(compares, rows, isFirst ? options.stray : undefined);
    endPass(compares, await cursorsOf(options), options);
    return read;
  }
  // A few partitions are read at once, before the journal is read on: the less time passes, the less moves. What moves all the
  // same is as the journal gives it either where the cursors stood before or where they stand after.
  const pages = await partitionsOf(source, partitions);
  const ended = await cursorsOf(options);
  for (const at of [cursors, ended]) {
    await beginPass(compares, at);
    await takeRows(compares, pages, undefined);
    endPass(compares, ended, options);
  }
  return pages.length;
}

/** Reads the journal on to where the cursors stand, and has it say what the rows must be. */
async function beginPass(compares: Compares, cursors: Cursors): Promise<void> {
  for (const [reader, compare] of compares) {
    await reader.readTo(cursors.get(reader) ?? new Map());
    compare.begin(reader.expectedRows());
  }
}

async function takeRows(
  compares: Compares,
  pages: AsyncIterable<readonly StoredItem[]> | Iterable<readonly StoredItem[]>,
  stray: ((item: StoredItem) => void) | undefined,
): Promise<number> {
  const readerOf = new Map([...compares.keys()].map((reader) => [reader.tenantId, reader]));
  let read = 0;
  for await (const page of pages) {
    const copies: StoredItem[] = [];
    for (const item of page) {
      const tenantId = tenantOf(item);
      const reader = readerOf.get(tenantId);
      if (!reader) {
        stray?.(item);
        continue;
      }
      if (!reader.hasRow(item)) continue;
      read += 1;
      // No view of the journal: a digest is signed, and that is how it is checked.
      if (item['pk'] === digestsPartition(tenantId)) copies.push(item);
      // Nor what a rebuild writes for its own use.
      else if (!String(item['pk']).startsWith(shadowsPrefix(tenantId))) compares.get(reader)?.row(item);
    }
    // What stands beside the digests and is none is compared: the journal calls for no such row.
    for (const [tenantId, items] of Map.groupBy(copies, tenantOf)) {
      const reader = readerOf.get(tenantId);
      for (const item of (await reader?.digests.odd(items)) ?? []) if (reader) compares.get(reader)?.row(item);
    }
  }
  return read;
}

/** Reads the rows of all tenants only for those that no reader compares; of one tenant alone there are none. */
async function takeStrays({ readers, source, tenantId, stray }: Options): Promise<void> {
  if (tenantId !== undefined) return;
  const audited = new Set(readers.map((reader) => reader.tenantId));
  const without = readers.flatMap((reader) => reader.keysElsewhere());
  for await (const page of source.viewRows({ tenantId, without }))
    for (const item of page) if (!audited.has(tenantOf(item))) stray(item);
}

function endPass(compares: Compares, ended: Cursors, { cursors, startMs, againAfterMs }: PassOptions): void {
  for (const [reader, compare] of compares) {
    const moved = !isSame(cursors.get(reader), ended.get(reader));
    compare.end({ startMs, againAfterMs, moved });
  }
}

async function partitionsOf(source: AuditSource, pks: readonly string[]): Promise<(readonly StoredItem[])[]> {
  const pages: (readonly StoredItem[])[] = [];
  for (const pk of pks) pages.push(await source.viewPartition(pk));
  return pages;
}

function reportBehind(behind: ReturnType<typeof laggingChains>, waitedMs: number): void {
  for (const { reader, chain, seq, headSeq } of behind) {
    reader.state.findings.check(
      'DERIVED_BALANCES',
      false,
      { chain, seq },
      () => `The views are behind: at event ${seq} of ${headSeq} after ${waitedMs} ms`,
    );
  }
}

/** @returns the tenant under whose key an item stands */
export function tenantOf(item: StoredItem): string {
  const pk = String(item['pk']);
  const end = pk.indexOf('#');
  return end < 0 ? pk : pk.slice(0, end);
}
