import { INVARIANTS, type InvariantName } from '../../contract/invariants.ts';
import type { Breach } from './breach.ts';

/** A breach as it is kept: where it was seen, when its commit was written, and the evidence. */
export interface KeptBreach extends Pick<Breach, 'chain' | 'seq' | 'reason' | 'evidence'> {
  /** Commit time. */
  at: string;
}

/** How often an invariant was breached, and how the last time. */
export interface BreachCount {
  count: number;
  last: KeptBreach;
}
export type BreachCounts = Partial<Record<InvariantName, BreachCount>>;

/**
 * What the monitor has looked at and found on a chain. It stands in the chain's cursor, which moves by a condition: so no event
 * is counted twice. It says no more than needed, since the cursor is to stay within one write unit.
 */
export interface Watch {
  /** Last event before the monitor counted; absent where it has counted all of them. */
  since?: number;
  /** Events that were looked at for BALANCED_ENTRIES, DERIVED_BALANCES and ACCOUNT_CONSTRAINTS; for the others all are. */
  checks: [balanced: number, derived: number, constrained: number];
  /** Absent as long as nothing was breached. */
  breaches?: BreachCounts;
}

/** @returns a watch to count on with; one that begins at the cursor where the cursor's writer knew of none */
export function continued({ seq, watch }: { seq: number; watch?: Watch }): Watch {
  if (!watch) return { ...(seq > 0 && { since: seq }), checks: [0, 0, 0] };
  return { ...watch, checks: [...watch.checks], ...(watch.breaches && { breaches: { ...watch.breaches } }) };
}

/** @returns how many events of a chain were looked at for each invariant */
export function checksOf({ seq, watch }: { seq: number; watch?: Watch }): Record<InvariantName, number> {
  const { since = 0, checks } = continued({ seq, ...(watch && { watch }) });
  const [balanced, derived, constrained] = checks;
  return {
    BALANCED_ENTRIES: balanced,
    DERIVED_BALANCES: derived,
    HASH_CHAIN: seq - since,
    TENANT_ISOLATION: seq - since,
    ACCOUNT_CONSTRAINTS: constrained,
  };
}

/** Adds later counts to earlier ones. */
export function addBreaches(counts: BreachCounts, later: BreachCounts): void {
  for (const name of INVARIANTS) {
    const more = later[name];
    if (more) counts[name] = { count: (counts[name]?.count ?? 0) + more.count, last: more.last };
  }
}

const TEXT_MAX_LENGTH = 100;
const REASON_MAX_LENGTH = 200;
const FIELDS_MAX = 8;

/** @returns what is kept of a breach: in forged data ids and texts may be of any length */
export function keptOf({ chain, seq, reason, evidence }: Breach, at: string): KeptBreach {
  const fields = Object.entries(evidence).slice(0, FIELDS_MAX);
  const cut = fields.map(([name, value]) => [
    name,
    typeof value === 'string' ? shortened(value, TEXT_MAX_LENGTH) : value,
  ]);
  return { chain, seq, at, reason: shortened(reason, REASON_MAX_LENGTH), evidence: Object.fromEntries(cut) };
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
