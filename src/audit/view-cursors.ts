import type { AuditSource, StoredItem } from './source.ts';
import type { TenantReader } from './tenant-reader.ts';

/** Cursors of all chains by tenant. */
export type Cursors = Map<TenantReader, Map<string, number>>;

/** @returns how far the views of each tenant are */
export async function cursorsOf({
  readers,
  source,
}: {
  readers: readonly TenantReader[];
  source: AuditSource;
}): Promise<Cursors> {
  const cursors: Cursors = new Map();
  for (const reader of readers) {
    const rows = await source.viewPartition(`${reader.tenantId}#cursor`);
    const ours = rows.filter((row) => reader.hasCursor(String(row['sk'])));
    cursors.set(reader, new Map(ours.map((row) => [String(row['sk']), seqOf(row)])));
  }
  return cursors;
}

/** A damaged cursor counts as reached, so that the comparison reports it. */
function seqOf({ doc }: StoredItem): number {
  try {
    const { seq }: { seq?: unknown } = JSON.parse(String(doc));
    return typeof seq === 'number' ? seq : Infinity;
  } catch {
    return Infinity;
  }
}

/** @returns the chains of which more has been read than the views hold */
export function laggingChains(reader: TenantReader, cursors: Cursors) {
  return reader.heads().flatMap(({ chain, headSeq }) => {
    if (!reader.hasCursor(chain)) return [];
    const seq = cursors.get(reader)?.get(chain) ?? 0;
    return seq < headSeq ? [{ reader, chain, seq, headSeq }] : [];
  });
}

/** @returns whether the cursors of one tenant have stood still */
export function isSame(before: Map<string, number> = new Map(), after: Map<string, number> = new Map()): boolean {
  return after.size === before.size && [...before].every(([chain, seq]) => after.get(chain) === seq);
}
