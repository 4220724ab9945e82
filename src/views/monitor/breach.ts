import type { InvariantName } from '../../contract/invariants.ts';

/** A broken invariant with its evidence: where to look, what was expected, what is there. Amounts and ids, never a person. */
export interface Breach {
  invariant: InvariantName;
  tenantId: string;
  chain: string;
  seq: number;
  reason: string;
  evidence: Record<string, string | number | boolean | null>;
}

/** Evidence of a commit that does not continue its chain: the event before it, which the views had seen. */
export const SEEN_SEQ = 'afterSeq';
export const SEEN_HASH = 'afterHash';

/** Told what the projection sees. Its owner turns it into metrics and logs. */
export interface ProjectionMonitor {
  projected(progress: { tenantId: string; chain: string; events: number; lagMs: number }): void;
  breach(breach: Breach): void;
}
