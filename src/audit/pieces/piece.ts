import { DEFAULT_WAIT_MS, SYSTEM_CLOCK } from '../audit.ts';
import { compareAll } from '../compare-all.ts';
import { createCrossings, type Crossing, type Crossings } from '../crossings.ts';
import type { ChainHead, TenantAudit, ViewsComparison } from '../result.ts';
import { chainsOfScope } from '../scope.ts';
import type { AuditSource } from '../source.ts';
import type { Statistics } from '../statistics.ts';
import { createStrays } from '../strays.ts';
import { TenantReader } from '../tenant-reader.ts';
import { createTransfers } from '../transfers.ts';
import type { Clock } from '../view-audit.ts';
import { fitted, type Invariants, withEvidence } from './bounded.ts';
import type { Piece } from './plan.ts';

/** What one piece of an audit has found. */
export interface PieceAudit {
  tenantId: string;
  pieces: Piece['pieces'];
  piece: number;
  chains: ChainHead[];
  views: ViewsComparison;
  /** That no digest is known; what the piece of the catalog tells, and only where it is so, as results are to be small. */
  unsigned?: true;
  statistics: Statistics;
  /** Days that the statistics tell one by one, at most. */
  daysMax: number;
  invariants: Invariants;
  /** Sum of the balances in minor units, with what entries move between this piece and others; as text, as it may be large. */
  sumMinor: string;
  out: Crossing[];
  in: Crossing[];
  /** Tenants that do not exist and have items all the same; none where the piece did not look for them. */
  strangers: TenantAudit[];
}

interface PieceOptions {
  source: AuditSource;
  waitMs?: number | undefined;
  clock?: Clock;
}

/** Audits some chains of a tenant, with the rows of the views and the reservations that hang on them. */
export async function auditPiece(piece: Piece, options: PieceOptions): Promise<PieceAudit> {
  const { source, waitMs = DEFAULT_WAIT_MS, clock = SYSTEM_CLOCK } = options;
  const { tenantId, tenants } = piece;
  let crossings: Crossings | undefined;
  const reader = new TenantReader(tenantId, source, {
    chains: chainsOfScope(piece),
    transfersOf: (findings) => (crossings = createCrossings(createTransfers(findings), piece)),
  });
  await reader.lookAtCursors();
  await reader.readAll();
  const strays = createStrays(tenants);
  const views = await compareAll({
    readers: [reader],
    source,
    // Who looks for strays reads the items of all tenants.
    tenantId: tenants === undefined ? tenantId : undefined,
    waitMs,
    clock,
    stray: (item) => strays.take(item),
  });
  const balanceMinor = reader.conclude();
  const between = crossings?.result() ?? { out: [], in: [], balanceMinor: 0n };
  const invariants = reader.state.findings.report();
  const strangers = await strays.result(() => source.tenants());
  return fitted(piece.maxBytes, ({ evidenceMax, daysMax, groupsMax }) => ({
    tenantId,
    pieces: piece.pieces,
    piece: piece.piece,
    chains: reader.heads(),
    views,
    ...(!reader.isSigned() && { unsigned: true }),
    statistics: reader.state.statistics.result(daysMax, groupsMax),
    daysMax,
    invariants: withEvidence(invariants, evidenceMax),
    sumMinor: String(balanceMinor + between.balanceMinor),
    out: between.out,
    in: between.in,
    strangers: strangers.map((each) => ({ ...each, invariants: withEvidence(each.invariants, evidenceMax) })),
  }));
}
