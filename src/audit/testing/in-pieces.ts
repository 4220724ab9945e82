import type { AuditResult } from '../result.ts';
import type { PlanSource } from '../source.ts';
import { joinAudits, pairsOf } from '../pieces/join.ts';
import { auditPair, type PairAudit } from '../pieces/pair.ts';
import { auditPiece, type PieceAudit } from '../pieces/piece.ts';
import { planAudit } from '../pieces/plan.ts';

/** Audits every chain by itself, as the state machine does with chains that are long enough. */
export async function auditInPieces(options: { source: PlanSource; tenantId?: string }): Promise<AuditResult> {
  const { source } = options;
  const pieces: PieceAudit[] = [];
  for (const piece of await planAudit({ ...options, eventsAPiece: 1 }))
    pieces.push(passed(await auditPiece(passed(piece), { source, waitMs: 0 })));
  const pairs: PairAudit[] = [];
  for (const pair of pairsOf(pieces)) pairs.push(passed(await auditPair(passed(pair), source)));
  return joinAudits(pieces, pairs);
}

/** What passes from state to state is JSON. */
function passed<Value>(value: Value): Value {
  const copy: Value = JSON.parse(JSON.stringify(value));
  return copy;
}
