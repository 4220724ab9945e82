import { sha256 } from '../journal/sha256.ts';
import { createFindings, type Findings } from './findings.ts';
import type { StoredItem } from './source.ts';
import { canonical, rowKey } from './view-documents.ts';
import type { ExpectedRow } from './view-expectations.ts';

/** Ids that the ledger makes. */
const ENTITY_ID = /\b(?:cust|acc|ent)_\d\d_[0-9a-f_]+\b/g;

/** Compares the rows of a tenant's views with those that its journal calls for, both ways. */
export interface ViewCompare {
  row(item: StoredItem): void;
  /** Reports rows that were not there. @returns what was found */
  finish(): Findings;
}

export function createViewCompare(options: {
  tenantId: string;
  expected: Map<string, ExpectedRow>;
  /** Whether an id occurs in the tenant's journal. */
  isOurs: (id: string) => boolean;
}): ViewCompare {
  const { tenantId, expected, isOurs } = options;
  const findings = createFindings(tenantId);

  return {
    row(item) {
      const key = rowKey(String(item['pk']), String(item['sk']));
      const wanted = expected.get(key);
      expected.delete(key);
      const document = documentOf(item);
      const difference = wanted ? comparing(wanted, document) : { reason: 'The journal calls for no such row' };
      const place = wanted?.chain ? { chain: wanted.chain } : {};
      // An id in the right place is ours; only what differs can name a stranger.
      const stranger = difference && strangerIn(`${key} ${JSON.stringify(document)}`, wanted, isOurs);
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
    },

    finish() {
      for (const [key, { chain }] of expected) {
        findings.check('DERIVED_BALANCES', false, chain ? { chain } : {}, () => `View row ${key} is missing`);
      }
      return findings;
    },
  };
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
  const fields = new Map<string, unknown>(Object.entries(wanted.document));
  const actual = new Map<string, unknown>(Object.entries(document));
  for (const field of new Set([...fields.keys(), ...actual.keys()])) {
    const [should, is] = [canonical(fields.get(field)), canonical(actual.get(field))];
    if (should !== is) return { field, reason: `${field} ${differing(field, is, should)}` };
  }
  return undefined;
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
function differing(field: string, is: string, should: string): string {
  if (field === 'profile' || is.length + should.length > 2 * SHOWN_MAX_LENGTH) return 'is not what the journal gives';
  return `is ${is}, the journal gives ${should}`;
}
