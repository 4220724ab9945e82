import { sha256 } from '../journal/sha256.ts';
import { createFindings, type Findings, type Place } from './findings.ts';
import type { StoredItem } from './source.ts';
import { canonical, isRecord, rowKey } from './view-documents.ts';
import type { ExpectedRow } from './view-expectations.ts';

/** Ids that the ledger makes. */
const ENTITY_ID = /\b(?:cust|acc|ent)_\d\d_[0-9a-f_]+\b/g;

/**
 * Compares the rows of a tenant's views with those that its journal calls for, both ways and in passes: the projections write
 * rows while these are being read, so a row that differs is a breach only if it still does when it is read again and the
 * journal still gives the same for it.
 */
export interface ViewCompare {
  /** Begins a pass. `expected` is what the journal gives where the cursors stand now; it is used up. */
  begin(expected: Map<string, ExpectedRow>): void;
  row(item: StoredItem): void;
  end(pass: Pass): void;
  /** Partitions of the rows that are not settled; all others need not be read again. */
  open(): Set<string>;
  /** What was found in the rows that are settled. */
  readonly findings: Findings;
}

export interface Pass {
  startMs: number;
  /** Least time between two passes in which a row differs for it to be a breach; 0 where there is only one. */
  againAfterMs: number;
  /** Whether a cursor of the tenant moved during the pass. */
  moved: boolean;
}

/** A row that differs. */
interface OpenRow {
  pk: string;
  place: Place;
  /** Absent where the row itself is. */
  stranger?: string | undefined;
  difference: Difference;
  /** Digest of what the journal gives and of what the row holds. */
  digest: string;
  sinceMs: number;
}

export function createViewCompare(options: {
  tenantId: string;
  /** Whether an id occurs in the tenant's journal. */
  isOurs: (id: string) => boolean;
}): ViewCompare {
  const { tenantId, isOurs } = options;
  const findings = createFindings(tenantId);
  let expected = new Map<string, ExpectedRow>();
  let differing = new Map<string, Omit<OpenRow, 'sinceMs'>>();
  /** Rows left over by the passes before; undefined in the first, which compares all. */
  let open: Map<string, OpenRow> | undefined;

  return {
    findings,

    begin(rows) {
      differing = new Map();
      expected = open ? new Map([...rows].filter(([key]) => open?.has(key))) : rows;
    },

    row(item) {
      const pk = String(item['pk']);
      const key = rowKey(pk, String(item['sk']));
      if (isRecord(pk) || (open && !open.has(key))) return;
      const wanted = expected.get(key);
      expected.delete(key);
      const document = documentOf(item);
      const difference = wanted ? comparing(wanted, document) : { reason: 'The journal calls for no such row' };
      const place = wanted?.chain ? { chain: wanted.chain } : {};
      if (!difference) {
        reportRow(findings, key, { place });
        return;
      }
      // An id in the right place is ours; only what differs can name a stranger.
      const stranger = strangerIn(`${key} ${JSON.stringify(document)}`, wanted, isOurs);
      const digest = sha256(`${digestOf(wanted)} ${typeof item['doc'] === 'string' ? item['doc'] : ''}`);
      differing.set(key, { pk, place, stranger, difference, digest });
    },

    end({ startMs, againAfterMs, moved }) {
      for (const [key, wanted] of expected) {
        const pk = key.slice(0, key.indexOf(' '));
        const place = wanted.chain ? { chain: wanted.chain } : {};
        differing.set(key, { pk, place, difference: MISSING, digest: digestOf(wanted) });
      }
      const left = new Map<string, OpenRow>();
      for (const [key, row] of differing) {
        const before = open?.get(key);
        const again = before?.digest === row.digest;
        const sinceMs = before && again ? before.sinceMs : startMs;
        const isBreach = startMs - sinceMs >= againAfterMs && (again || !moved);
        if (isBreach) reportRow(findings, key, row);
        else left.set(key, { ...row, sinceMs });
      }
      open = left;
    },

    open: () => new Set([...(open?.values() ?? [])].map(({ pk }) => pk)),
  };
}

const MISSING: Difference = { reason: 'is missing' };

function reportRow(
  findings: Findings,
  key: string,
  { place, stranger, difference }: { place: Place; stranger?: string | undefined; difference?: Difference },
): void {
  if (difference === MISSING) {
    findings.check('DERIVED_BALANCES', false, place, () => `View row ${key} is missing`);
    return;
  }
  findings.check(
    'TENANT_ISOLATION',
    stranger === undefined,
    place,
    () => `View row ${key} names ${stranger ?? ''}, which is not in the journal of this tenant`,
  );
  // A cursor's hash was copied from the chain when it was there: if it is another now, the chain has been rewritten.
  const invariant = difference?.field === 'hash' ? 'HASH_CHAIN' : 'DERIVED_BALANCES';
  findings.check(
    invariant,
    !difference || stranger !== undefined,
    place,
    () => `View row ${key}: ${difference?.reason ?? ''}`,
  );
}

function digestOf(wanted: ExpectedRow | undefined): string {
  return wanted ? (wanted.digest ?? sha256(canonical(wanted.document))) : '';
}

function documentOf({ doc }: StoredItem): unknown {
  if (typeof doc !== 'string') return undefined;
  try {
    return JSON.parse(doc);
  } catch {
    return undefined;
  }
}

interface Difference {
  reason: string;
  field?: string;
}

function comparing(wanted: ExpectedRow, document: unknown): Difference | undefined {
  try {
    return differenceOf(wanted, document);
  } catch {
    return { reason: 'Its document is nested too deeply to be compared' };
  }
}

/** @returns how a row differs from what is expected, or undefined */
function differenceOf(wanted: ExpectedRow, document: unknown): Difference | undefined {
  if (typeof document !== 'object' || document === null) return { reason: 'It holds no document' };
  if (!wanted.document)
    return sha256(canonical(document)) === wanted.digest
      ? undefined
      : { reason: 'Its document is not what the journal gives' };
  const actual: Record<string, unknown> = { ...document };
  for (const [field, value] of Object.entries(wanted.document)) {
    const difference = differenceIn(field, value, Object.hasOwn(actual, field) ? actual[field] : undefined);
    if (difference) return difference;
  }
  for (const [field, value] of Object.entries(actual)) {
    const difference = Object.hasOwn(wanted.document, field) ? undefined : differenceIn(field, undefined, value);
    if (difference) return difference;
  }
  return undefined;
}

function differenceIn(field: string, wanted: unknown, actual: unknown): Difference | undefined {
  // Most values are texts and numbers, which need not be written out to be compared.
  if (wanted === actual) return undefined;
  if (field === 'watch') return differenceInWatch(wanted, actual);
  const [should, is] = [canonical(wanted), canonical(actual)];
  return should === is ? undefined : { field, reason: `${field} ${contrasted(field, is, should)}` };
}

/**
 * What the monitor has found is its own to say. What it has looked at must be what there is, unless it began to count later than
 * the chain (`since`), as in rows of earlier versions, or has not begun to.
 */
function differenceInWatch(wanted: unknown, actual: unknown): Difference | undefined {
  if (actual === undefined) return undefined;
  const { since, breaches: _, ...watch }: Record<string, unknown> = typeof actual === 'object' ? { ...actual } : {};
  if (since !== undefined) return undefined;
  const [should, is] = [canonical(wanted), canonical(watch)];
  return should === is ? undefined : { field: 'watch', reason: `watch ${contrasted('watch', is, should)}` };
}

function strangerIn(
  text: string,
  wanted: ExpectedRow | undefined,
  isOurs: (id: string) => boolean,
): string | undefined {
  const known = wanted?.document ? JSON.stringify(wanted.document) : '';
  return text.match(ENTITY_ID)?.find((id) => !isOurs(id) && !known.includes(id));
}

const SHOWN_MAX_LENGTH = 80;

/** Evidence stays readable and tells nothing of a person. */
function contrasted(field: string, is: string, should: string): string {
  if (field === 'profile' || is.length + should.length > 2 * SHOWN_MAX_LENGTH) return 'is not what the journal gives';
  return `is ${is}, the journal gives ${should}`;
}
