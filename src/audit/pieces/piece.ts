import { DEFAULT_WAIT_MS, SYSTEM_CLOCK } from '../audit.ts';
import { DAYS_MAX } from '../bounds.ts';
import { compareAll } from '../compare-all.ts';
import { createCrossings, type Crossing, type Crossings } from '../crossings.ts';
import type { ChainHead, ViewsComparison } from '../result.ts';
import { chainsOfScope } from '../scope.ts';
import type { AuditSource } from '../source.ts';
import type { Statistics } from '../statistics.ts';
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
  statistics: Statistics;
  /** Days that the statistics tell one by one, at most. */
  daysMax: number;
  invariants: Invariants;
  /** Sum of the balances in minor units, with what entries move between this piece and others; as text, as it may be large. */
  sumMinor: string;
  out: Crossing[];
  in: Crossing[];
}

interface PieceOptions {
  source: AuditSource;
  waitMs?: number | undefined;
  clock?: Clock;
}

/** Audits some chains of a tenant, with the rows of the views and the reservations that hang on them. */
export async function auditPiece(piece: Piece, options: PieceOptions): Promise<PieceAudit> {
  const { source, waitMs = DEFAULT_WAIT_MS, clock = SYSTEM_CLOCK } = options;
  const { tenantId } = piece;
  let crossings: Crossings | undefined;
  const reader = new TenantReader(tenantId, source, {
    chains: chainsOfScope(piece),
    transfersOf: (findings) => (crossings = createCrossings(createTransfers(findings), piece)),
  });
  await reader.lookAtCursors();
  await reader.readAll();
  const views = await compareAll({ readers: [reader], source, tenantId, waitMs, clock, stray: () => undefined });
  const balanceMinor = reader.conclude();
  const between = crossings?.result() ?? { out: [], in: [], balanceMinor: 0n };
  const invariants = reader.state.findings.report();
  return fitted(piece.maxBytes, (evidenceMax, share) => {
    const daysMax = Math.floor(DAYS_MAX * share);
    return {
      tenantId,
      pieces: piece.pieces,
      piece: piece.piece,
      chains: reader.heads(),
      views,
      statistics: reader.state.statistics.result(daysMax),
      daysMax,
      invariants: withEvidence(invariants, evidenceMax),
      sumMinor: String(balanceMinor + between.balanceMinor),
      out: between.out,
      in: between.in,
    };
  });
}
