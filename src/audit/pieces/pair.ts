import { CATALOG, chainOfId } from '../../core/chain/name.ts';
import { createFindings } from '../findings.ts';
import type { AuditSource } from '../source.ts';
import { TenantReader } from '../tenant-reader.ts';
import { createTransfers, type Transfers } from '../transfers.ts';
import { fitted, type Invariants, withEvidence } from './bounded.ts';

/** Two pieces of a tenant's chains that do not tell the same of the entries between them, or cannot tell apart. */
export interface Pair {
  tenantId: string;
  pieces: readonly [one: number, other: number];
  chains: readonly [one: readonly string[], other: readonly string[]];
  maxBytes: number;
}

export interface PairAudit {
  tenantId: string;
  pieces: readonly [one: number, other: number];
  invariants: Invariants;
  /** What the entries between the two say of the sum of all balances, in minor units, as text: zero where both halves agree. */
  differenceMinor: string;
}

/** Reads two pieces together, so that the halves of the entries between them meet one by one. */
export async function auditPair(pair: Pair, source: AuditSource): Promise<PairAudit> {
  const { tenantId, pieces, chains, maxBytes } = pair;
  const findings = createFindings(tenantId);
  const between = createBetween(createTransfers(findings), chains);
  const reader = new TenantReader(tenantId, source, {
    chains: new Set(chains.flat().filter((chain) => chain !== CATALOG)),
    transfersOf: () => between,
  });
  await reader.readAll();
  reader.mark();
  await reader.readAll();
  reader.conclude();
  const differenceMinor = String(between.differenceMinor());
  const invariants = findings.report();
  return fitted(maxBytes, ({ evidenceMax }) => ({
    tenantId,
    pieces,
    invariants: withEvidence(invariants, evidenceMax),
    differenceMinor,
  }));
}

/** Lets through only what goes from one side to the other. */
function createBetween(
  inner: Transfers,
  [one, other]: Pair['chains'],
): Transfers & {
  differenceMinor: () => bigint;
} {
  const [left, right] = [new Set(one), new Set(other)];
  let differenceMinor = 0n;
  const isBetween = (home = '', away = ''): boolean =>
    (left.has(home) && right.has(away)) || (right.has(home) && left.has(away));
  return {
    leg(side) {
      if (!isBetween(side.place.chain, chainOfId(side.accountId))) return;
      differenceMinor += BigInt(side.deltaMinor);
      inner.leg(side);
    },
    update(side) {
      if (!isBetween(chainOfId(side.entryId), side.place.chain)) return;
      differenceMinor -= BigInt(side.deltaMinor);
      inner.update(side);
    },
    announced(others, mark) {
      inner.announced(
        others.filter(({ chain }) => isBetween(mark.place.chain, chain)),
        mark,
      );
    },
    happened(event, home) {
      if (isBetween(home, event.place.chain)) inner.happened(event, home);
    },
    mark: () => inner.mark(),
    finish(accountExists) {
      const lackingMinor = inner.finish(accountExists);
      differenceMinor -= lackingMinor;
      return lackingMinor;
    },
    differenceMinor: () => differenceMinor,
  };
}
