import type { InvariantName } from '../contract/invariants.ts';
import type { Statistics } from './statistics.ts';

/** Where a breach was seen. Without a chain it concerns the tenant as a whole, a reservation or a view row. */
export interface Evidence {
  tenantId: string;
  chain?: string;
  seq?: number;
  reason: string;
}

export interface InvariantCount {
  /** Checks made. */
  checked: number;
  /** Checks that failed. */
  breaches: number;
}

export interface InvariantFinding extends InvariantCount {
  /** Some of the breaches, the first ones of each chain; at most EVIDENCE_MAX. */
  evidence: Evidence[];
}

export interface ChainHead {
  chain: string;
  headSeq: number;
  headHash: string;
}

/** What became of comparing the views: rows changing under the comparison are no breach, rows left behind are. */
export interface ViewsComparison {
  state: 'compared' | 'behind' | 'moving';
  rows: number;
  waitedMs: number;
}

export interface TenantAudit {
  tenantId: string;
  /** SHA-256, hex, over the chain heads in order: two journals with equal digests are equal byte by byte. */
  digest: string;
  chains: ChainHead[];
  statistics: Statistics;
  views: ViewsComparison;
  /** What is no breach, and yet limits what is proved without one. */
  notes: string[];
  invariants: Record<InvariantName, InvariantFinding>;
}

export interface AuditResult {
  tenants: TenantAudit[];
  /** SHA-256, hex, over the tenants' digests in order of their codes. */
  digest: string;
  invariants: Record<InvariantName, InvariantCount>;
}
