import * as z from 'zod';
import { count } from '../text/numbers.ts';

const counts = z.record(z.string(), z.number());

const evidence = z.object({
  tenantId: z.string(),
  chain: z.string().optional(),
  seq: z.number().optional(),
  reason: z.string(),
});
const finding = z.object({ checked: z.number(), breaches: z.number(), evidence: z.array(evidence) });

const statistics = z.object({
  currency: z.string(),
  /** Decimals of the currency: amounts here are in minor units. */
  exponent: z.number(),
  members: z.number(),
  accounts: z.number(),
  accountsByProduct: counts,
  /** Without the opening deposits, which are entries too. */
  entries: z.number(),
  volumeMinor: z.number(),
  openingDeposits: z.object({ entries: z.number(), volumeMinor: z.number() }),
  events: z.number(),
  eventsByType: counts,
  loans: z.object({ applications: z.number(), approved: z.number(), refused: z.number() }),
  commands: z.object({ accepted: z.number(), refused: z.number() }),
  refusedByError: counts,
  byDay: z.array(z.object({ date: z.string(), entries: z.number(), volumeMinor: z.number() })),
  byCategory: z.array(z.object({ category: z.string(), entries: z.number(), volumeMinor: z.number() })),
  balancesByDay: z.array(z.object({ date: z.string(), depositsMinor: z.number(), loansMinor: z.number() })),
});

const tenant = z.object({
  tenantId: z.string(),
  digest: z.string(),
  chains: z.array(z.object({ chain: z.string(), headSeq: z.number(), headHash: z.string() })),
  /** Whether the views could be compared: not while they are still moving. */
  views: z.object({ state: z.enum(['compared', 'behind', 'moving']) }),
  /** What is no breach, and yet limits what is proved without one. */
  notes: z.array(z.string()),
  statistics,
  invariants: z.record(z.string(), finding),
});

const auditResult = z.object({
  tenants: z.array(tenant),
  digest: z.string(),
  invariants: z.record(z.string(), z.object({ checked: z.number(), breaches: z.number() })),
});

export type Evidence = z.infer<typeof evidence>;
export type TenantAudit = z.infer<typeof tenant>;
export type AuditResult = z.infer<typeof auditResult>;

/**
 * Reads the output of the state machine that audits.
 * @throws ZodError when it has another form, for example because the running cloud is of another version
 */
export function parseAuditResult(answer: unknown): AuditResult {
  return auditResult.parse(answer);
}

/** @returns how many checks failed, over all invariants */
export function breachesOf(audit: Pick<AuditResult, 'invariants'>): number {
  return Object.values(audit.invariants).reduce((sum, { breaches }) => sum + breaches, 0);
}

/** @returns the tenants whose views could not be compared with the journal: nothing is proved about these */
export function notComparedOf(audit: Pick<AuditResult, 'tenants'>): string[] {
  return audit.tenants.filter(({ views }) => views.state !== 'compared').map(({ tenantId }) => tenantId);
}

/** @returns `… and 365 more` where not every breach has its evidence told; else nothing */
export function untoldText({ breaches, evidence: told }: { breaches: number; evidence: readonly unknown[] }): string[] {
  const untold = breaches - told.length;
  return untold > 0 ? [`… and ${count(untold)} more`] : [];
}

/** `CU_DIGITAL, chain 07, seq 5: debits 100, credits 90` */
export function evidenceText({ tenantId, chain, seq, reason }: Evidence): string {
  const place = [
    tenantId,
    ...(chain === undefined ? [] : [`chain ${chain}`]),
    ...(seq === undefined ? [] : [`seq ${seq}`]),
  ];
  return `${place.join(', ')}: ${reason}`;
}
