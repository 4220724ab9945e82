import { chainsOf } from '../../core/chain/name.ts';
import type { Crossing } from '../crossings.ts';
import { digestOfTenant, digestOfTenants } from '../digest.ts';
import { createFindings, type Findings, sumOfFindings } from '../findings.ts';
import { mergeStatistics } from '../merge-statistics.ts';
import { notesOf } from '../notes.ts';
import type { AuditResult, TenantAudit, ViewsComparison } from '../result.ts';
import { checkSum } from '../tenant-reader.ts';
import type { Pair, PairAudit } from './pair.ts';
import type { PieceAudit } from './piece.ts';

/** Most pairs of pieces that are read together. */
const PAIRS_MAX = 40;
/** Bytes of the results of all pairs together: those of the pieces have most of what may pass (`plan.ts`). */
const BYTES_OF_ALL = 40_000;

/** @returns the pieces that have to be read two by two: what they tell of the entries between them is not the same, or doubtful */
export function pairsOf(audits: readonly PieceAudit[]): Pair[] {
  const pairs = differing(audits).slice(0, PAIRS_MAX);
  const maxBytes = Math.floor(BYTES_OF_ALL / Math.max(pairs.length, 1));
  return pairs.map((pair) => ({ ...pair, maxBytes }));
}

function differing(audits: readonly PieceAudit[]): Omit<Pair, 'maxBytes'>[] {
  return audits.flatMap((one) =>
    audits
      .filter((other) => other.tenantId === one.tenantId && other.piece > one.piece)
      .filter((other) => !isSame(one, other) || !isSame(other, one))
      .map((other) => ({
        tenantId: one.tenantId,
        pieces: [one.piece, other.piece] as const,
        chains: [one.pieces[one.piece] ?? [], other.pieces[other.piece] ?? []] as const,
      })),
  );
}

/** Whether both tell the same, beyond doubt, of the entries of one that move accounts of the other. */
function isSame(home: PieceAudit, away: PieceAudit): boolean {
  const [out, into] = [crossingOf(home.out, away), crossingOf(away.in, home)];
  if (out?.doubtful || into?.doubtful) return false;
  // A crossing may be there without halves in it.
  if (!out || !into) return (out?.legs ?? 0) + (out?.events ?? 0) + (into?.legs ?? 0) + (into?.events ?? 0) === 0;
  return out.digest === into.digest;
}

function crossingOf(crossings: readonly Crossing[], other: PieceAudit): Crossing | undefined {
  return crossings.find((crossing) => crossing.with === other.piece);
}

/** Puts together what pieces and pairs have found, and checks what concerns a tenant as a whole. */
export function joinAudits(pieces: readonly PieceAudit[], pairs: readonly PairAudit[]): AuditResult {
  const byTenant = Map.groupBy(pieces, ({ tenantId }) => tenantId);
  const joined = [...byTenant].map(([tenantId, audits]) =>
    joinTenant(
      tenantId,
      audits,
      pairs.filter((pair) => pair.tenantId === tenantId),
    ),
  );
  const tenants = [...joined, ...pieces.flatMap(({ strangers }) => strangers)];
  return {
    tenants,
    digest: digestOfTenants(joined),
    invariants: sumOfFindings(tenants.map((each) => each.invariants)),
  };
}

function joinTenant(tenantId: string, audits: readonly PieceAudit[], pairs: readonly PairAudit[]): TenantAudit {
  const findings = createFindings(tenantId);
  for (const { invariants } of [...audits, ...pairs]) findings.add({ report: () => invariants });
  const unread = addEqual(findings, audits, pairs);
  let sumMinor = audits.reduce((sum, audit) => sum + BigInt(audit.sumMinor), 0n);
  for (const { differenceMinor } of pairs) sumMinor -= BigInt(differenceMinor);
  checkSum(findings, sumMinor);
  for (const { chains } of unread) {
    findings.check(
      'BALANCED_ENTRIES',
      false,
      {},
      () =>
        `The entries between chains ${chains[0].join(', ')} and ${chains[1].join(', ')} are not the same on both sides`,
    );
  }
  const heads = new Map(audits.flatMap(({ chains }) => chains.map((head) => [head.chain, head])));
  const chains = chainsOf(heads.size - 1).flatMap((chain) => heads.get(chain) ?? []);
  return {
    tenantId,
    digest: digestOfTenant(tenantId, chains),
    chains,
    statistics: mergeStatistics(audits),
    views: viewsOf(audits),
    notes: notesOf(!audits.some(({ unsigned }) => unsigned)),
    invariants: findings.report(),
  };
}

/** Counts what was checked by comparing digests. @returns the pairs that nobody has read */
function addEqual(findings: Findings, audits: readonly PieceAudit[], pairs: readonly PairAudit[]) {
  const wanted = differing(audits);
  const keyOf = (one: number, other: number): string => `${Math.min(one, other)} ${Math.max(one, other)}`;
  const apart = new Set(wanted.map(({ pieces: [one, other] }) => keyOf(one, other)));
  for (const audit of audits) {
    for (const { with: other, legs, events } of audit.in) {
      if (apart.has(keyOf(audit.piece, other))) continue;
      // Amount and date; command; maturity. And that its command names the event.
      findings.held('BALANCED_ENTRIES', legs);
      findings.held('ACCOUNT_CONSTRAINTS', 2 * legs + events);
    }
  }
  const read = new Set(pairs.map(({ pieces: [one, other] }) => keyOf(one, other)));
  return wanted.filter(({ pieces: [one, other] }) => !read.has(keyOf(one, other)));
}

function viewsOf(audits: readonly PieceAudit[]): ViewsComparison {
  const states = new Set(audits.map(({ views }) => views.state));
  const state = states.has('behind') ? 'behind' : states.has('moving') ? 'moving' : 'compared';
  return {
    state,
    rows: audits.reduce((sum, { views }) => sum + views.rows, 0),
    waitedMs: Math.max(...audits.map(({ views }) => views.waitedMs)),
  };
}
