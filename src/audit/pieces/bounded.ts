import { INVARIANTS, type InvariantName } from '../../contract/invariants.ts';
import { EVIDENCE_MAX } from '../findings.ts';
import type { InvariantFinding } from '../result.ts';

export type Invariants = Record<InvariantName, InvariantFinding>;

/** @returns the findings with so many pieces of evidence of each invariant; the counts stay */
export function withEvidence(findings: Invariants, evidenceMax: number): Invariants {
  const kept = { ...findings };
  for (const name of INVARIANTS)
    kept[name] = { ...findings[name], evidence: findings[name].evidence.slice(0, evidenceMax) };
  return kept;
}

/**
 * @param make gives the result with so many pieces of evidence, and with so large a share (1 and less) of its days told one by one
 * @returns the fullest result that is no longer than it may be; the least there is where none is
 */
export function fitted<Result>(maxBytes: number, make: (evidenceMax: number, share: number) => Result): Result {
  let result = make(EVIDENCE_MAX, 1);
  for (let halvings = 1; halvings < 12 && Buffer.byteLength(JSON.stringify(result)) > maxBytes; halvings += 1)
    result = make(Math.max(Math.floor(EVIDENCE_MAX / 2 ** halvings), 1), 1 / 2 ** halvings);
  return result;
}
