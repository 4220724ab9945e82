import { INVARIANTS, type InvariantName } from '../../contract/invariants.ts';
import { DAYS_MAX, GROUPS_MAX } from '../bounds.ts';
import { EVIDENCE_MAX, someOfEach } from '../findings.ts';
import type { InvariantFinding } from '../result.ts';

export type Invariants = Record<InvariantName, InvariantFinding>;

/** @returns the findings with so many pieces of evidence of each invariant; the counts stay */
export function withEvidence(findings: Invariants, evidenceMax: number): Invariants {
  const kept = { ...findings };
  for (const name of INVARIANTS)
    kept[name] = { ...findings[name], evidence: someOfEach(findings[name].evidence, evidenceMax) };
  return kept;
}

/** How much a result tells beside its counts. */
interface Fullness {
  /** Pieces of evidence of each invariant. */
  evidenceMax: number;
  /** Days told one by one. */
  daysMax: number;
  /** Products, and categories, told apart. */
  groupsMax: number;
}

/** Halvings until a number of up to 3,700 days is one; and of 40 groups none. */
const DAY_HALVINGS = 11;
const GROUP_HALVINGS = 6;

/**
 * @param make gives the result with so much beside its counts
 * @returns the fullest result that is no longer than it may be; the least there is where none is. First days and evidence become
 * fewer, then groups; the last piece of evidence goes last
 */
export function fitted<Result>(maxBytes: number, make: (fullness: Fullness) => Result): Result {
  let result = make(FULLNESSES[0]);
  for (const fullness of FULLNESSES.slice(1)) {
    if (Buffer.byteLength(JSON.stringify(result)) <= maxBytes) break;
    result = make(fullness);
  }
  return result;
}

const FULLNESSES: readonly [Fullness, ...Fullness[]] = [
  { evidenceMax: EVIDENCE_MAX, daysMax: DAYS_MAX, groupsMax: GROUPS_MAX },
  ...upTo(DAY_HALVINGS).map((halvings) => ({
    evidenceMax: Math.max(halved(EVIDENCE_MAX, halvings), 1),
    daysMax: halved(DAYS_MAX, halvings),
    groupsMax: GROUPS_MAX,
  })),
  ...upTo(GROUP_HALVINGS).map((halvings) => ({ evidenceMax: 1, daysMax: 1, groupsMax: halved(GROUPS_MAX, halvings) })),
  { evidenceMax: 0, daysMax: 1, groupsMax: 0 },
];

function halved(number: number, halvings: number): number {
  return Math.floor(number / 2 ** halvings);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
