import { INVARIANTS, type InvariantName } from '../contract/invariants.ts';
import { shortened } from './shortened.ts';
import type { Evidence, InvariantFinding } from './result.ts';

/** Most breaches of one invariant that are described, and that are kept of each chain until it is known of which there are some; the count goes on. */
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

/**
 * @returns at most so much of the evidence, in its order: the first of each chain, then the second of each, and so on. What has no
 * chain counts as one
 */
export function someOfEach(evidence: readonly Evidence[], max: number): Evidence[] {
  if (evidence.length <= max) return [...evidence];
  const places = Map.groupBy(evidence.keys(), (index) => evidence[index]?.chain);
  const ranked = [...places.values()].flatMap((indices) => indices.map((index, rank) => ({ index, rank })));
  const chosen = ranked.toSorted((a, b) => a.rank - b.rank || a.index - b.index).slice(0, max);
  const kept = new Set(chosen.map(({ index }) => index));
  return evidence.filter((_, index) => kept.has(index));
}

export function createFindings(tenantId: string): Findings {
  const findings: Record<InvariantName, InvariantFinding> = {
    BALANCED_ENTRIES: empty(),
    DERIVED_BALANCES: empty(),
    HASH_CHAIN: empty(),
    TENANT_ISOLATION: empty(),
    ACCOUNT_CONSTRAINTS: empty(),
  };
  /** How much is kept of each invariant and chain. */
  const kept = new Map<string, number>();
  const hasRoom = (invariant: InvariantName, { chain = '' }: Place): boolean => {
    const key = `${invariant} ${chain}`;
    const count = kept.get(key) ?? 0;
    if (count >= EVIDENCE_MAX) return false;
    kept.set(key, count + 1);
    return true;
  };
  return {
    check(invariant, holds, place, reason) {
      const finding = findings[invariant];
      finding.checked += 1;
      if (holds) return true;
      finding.breaches += 1;
      if (hasRoom(invariant, place))
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
        mine.evidence.push(...theirs.evidence.filter((each) => hasRoom(name, each)));
      }
    },
    report: () => ({
      BALANCED_ENTRIES: bounded(findings.BALANCED_ENTRIES),
      DERIVED_BALANCES: bounded(findings.DERIVED_BALANCES),
      HASH_CHAIN: bounded(findings.HASH_CHAIN),
      TENANT_ISOLATION: bounded(findings.TENANT_ISOLATION),
      ACCOUNT_CONSTRAINTS: bounded(findings.ACCOUNT_CONSTRAINTS),
    }),
  };
}

function bounded(finding: InvariantFinding): InvariantFinding {
  return { ...finding, evidence: someOfEach(finding.evidence, EVIDENCE_MAX) };
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
