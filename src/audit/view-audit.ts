import type { Findings } from './findings.ts';
import type { ViewsComparison } from './result.ts';
import type { AuditSource, StoredItem } from './source.ts';
import type { TenantReader } from './tenant-reader.ts';
import { createViewCompare } from './view-compare.ts';

/** Time between two looks at the cursors. */
const POLL_MS = 100;

export interface Clock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/**
 * Compares the views with the journal at one point: where the cursors stand, once they have reached what was read of the
 * journal. Rows that change meanwhile tell nothing, so the comparison counts only if no cursor has moved since it began.
 */
export async function auditViews(options: {
  readers: readonly TenantReader[];
  source: AuditSource;
  tenantId: string | undefined;
  waitMs: number;
  clock: Clock;
  /** Takes rows of tenants that are not audited. */
  stray: (item: StoredItem) => void;
}): Promise<ViewsComparison> {
  const { readers, waitMs, clock } = options;
  const startMs = clock.nowMs();
  for (;;) {
    const cursors = await cursorsOf(options);
    const behind = readers.flatMap((reader) => laggingChains(reader, cursors));
    const outcome = behind.length > 0 ? undefined : await compareAt(cursors, options);
    const waitedMs = Math.round(clock.nowMs() - startMs);
    if (outcome) {
      for (const [reader, findings] of outcome.findings) reader.state.findings.add(findings);
      for (const item of outcome.strays) options.stray(item);
      return { state: 'compared', rows: outcome.rows, waitedMs };
    }
    if (waitedMs >= waitMs) {
      for (const { reader, chain, seq, headSeq } of behind) {
        reader.state.findings.check(
          'DERIVED_BALANCES',
          false,
          { chain, seq },
          () => `The views are behind: at event ${seq} of ${headSeq} after ${waitedMs} ms`,
        );
      }
      return { state: behind.length > 0 ? 'behind' : 'moving', rows: 0, waitedMs };
    }
    await clock.sleep(Math.min(POLL_MS, waitMs - waitedMs));
  }
}

/** Cursors of all chains by tenant. */
type Cursors = Map<TenantReader, Map<string, number>>;

async function cursorsOf({
  readers,
  source,
}: {
  readers: readonly TenantReader[];
  source: AuditSource;
}): Promise<Cursors> {
  const cursors: Cursors = new Map();
  for (const reader of readers) {
    const rows = await source.viewPartition(`${reader.tenantId}#cursor`);
    cursors.set(reader, new Map(rows.map((row) => [String(row['sk']), seqOf(row)])));
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

function laggingChains(reader: TenantReader, cursors: Cursors) {
  return reader.heads().flatMap(({ chain, headSeq }) => {
    const seq = cursors.get(reader)?.get(chain) ?? 0;
    return seq < headSeq ? [{ reader, chain, seq, headSeq }] : [];
  });
}

interface Comparison {
  findings: Map<TenantReader, Findings>;
  strays: StoredItem[];
  rows: number;
}

/** Most rows of unknown tenants that are kept as evidence. */
const STRAYS_MAX = 100;

/** @returns undefined when the views have moved meanwhile */
async function compareAt(cursors: Cursors, options: Parameters<typeof auditViews>[0]): Promise<Comparison | undefined> {
  const { readers, source, tenantId } = options;
  const compares = new Map<string, ReturnType<typeof createViewCompare>>();
  for (const reader of readers) {
    await reader.readTo(cursors.get(reader) ?? new Map());
    const expected = reader.views.rows();
    compares.set(
      reader.tenantId,
      createViewCompare({ tenantId: reader.tenantId, expected, isOurs: (id) => reader.isOurs(id) }),
    );
  }
  const strays: StoredItem[] = [];
  let rows = 0;
  for await (const page of source.viewRows({ tenantId })) {
    rows += page.length;
    for (const item of page) {
      const compare = compares.get(tenantOf(item));
      if (compare) compare.row(item);
      else if (strays.length < STRAYS_MAX) strays.push(item);
    }
  }
  if (!isSame(cursors, await cursorsOf(options))) return undefined;
  const findings = new Map<TenantReader, Findings>();
  for (const reader of readers) {
    const compare = compares.get(reader.tenantId);
    if (compare) findings.set(reader, compare.finish());
  }
  return { findings, strays, rows };
}

/** @returns the tenant under whose key an item stands */
export function tenantOf(item: StoredItem): string {
  const pk = String(item['pk']);
  const end = pk.indexOf('#');
  return end < 0 ? pk : pk.slice(0, end);
}

function isSame(before: Cursors, after: Cursors): boolean {
  return [...before].every(([reader, seqs]) => {
    const others = after.get(reader);
    return others?.size === seqs.size && [...seqs].every(([chain, seq]) => others.get(chain) === seq);
  });
}
