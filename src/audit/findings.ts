import { INVARIANTS, type InvariantName } from '../contract/invariants.ts';
import { shortened } from './shortened.ts';
import type { InvariantFinding } from './result.ts';

/** Most breaches of one invariant that are described; the count goes on. */
export const EVIDENCE_MAX = 20;

/** Longest reason of a piece of evidence: ids and texts in it may be of any length where data is damaged. */
export const REASON_MAX_LENGTH = 400;

/** A place in the journal; empty for what concerns a tenant as a whole, a reservation or a view row. */
export interface Place {
  chain?: string;
  seq?: number;
}

/** Counts the checks made and keeps evidence of those that failed. */
export interface Findings {
  /** Makes one check; `reason` is asked for only when it fails. @returns whether it held */
  check(invariant: InvariantName, holds: boolean, place: Place, reason: () => string): boolean;
  /** Counts checks that were made elsewhere, and held. */
  held(invariant: InvariantName, count: number): void;
  /** Takes over what others found. */
  add(other: Pick<Findings, 'report'>): void;
  report(): Record<InvariantName, InvariantFinding>;
}

export function createFindings(tenantId: string): Findings {
  const findings: Record<InvariantName, InvariantFinding> = {
    BALANCED_ENTRIES: empty(),
    DERIVED_BALANCES: empty(),
    HASH_CHAIN: empty(),
    TENANT_ISOLATION: empty(),
    ACCOUNT_CONSTRAINTS: empty(),
  };
  return {
    check(invariant, holds, place, reason) {
      const finding = findings[invariant];
      finding.checked += 1;
      if (holds) return true;
      finding.breaches += 1;
      if (finding.evidence.length < EVIDENCE_MAX)
        finding.evidence.push({ tenantId, ...place, reason: shortened(reason(), REASON_MAX_LENGTH) });
      return false;
    },
    held(invariant, count) {
      findings[invariant].checked += count;
    },
    add(other) {
      const report = other.report();
      for (const name of INVARIANTS) {
        const [mine, theirs] = [findings[name], report[name]];
        mine.checked += theirs.checked;
        mine.breaches += theirs.breaches;
        mine.evidence.push(...theirs.evidence.slice(0, EVIDENCE_MAX - mine.evidence.length));
      }
    },
    report: () => findings,
  };
}

function empty(): InvariantFinding {
  return { checked: 0, breaches: 0, evidence: [] };
}

/** Adds up the counts of several tenants. */
export function sumOfFindings(reports: readonly Record<InvariantName, InvariantFinding>[]) {
  const sumOf = (name: InvariantName) => ({
    checked: reports.reduce((sum, report) => sum + report[name].checked, 0),
    breaches: reports.reduce((sum, report) => sum + report[name].breaches, 0),
  });
  const [first, second, third, fourth, fifth] = INVARIANTS;
  return {
    [first]: sumOf(first),
    [second]: sumOf(second),
    [third]: sumOf(third),
    [fourth]: sumOf(fourth),
    [fifth]: sumOf(fifth),
  };
}
