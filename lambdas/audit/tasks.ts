import * as z from 'zod';
import { audit } from '../../src/audit/audit.ts';
import { joinAudits, pairsOf } from '../../src/audit/pieces/join.ts';
import { auditPair, type Pair, type PairAudit } from '../../src/audit/pieces/pair.ts';
import { auditPiece, type PieceAudit } from '../../src/audit/pieces/piece.ts';
import { type Piece, planAudit } from '../../src/audit/pieces/plan.ts';
import type { AuditResult } from '../../src/audit/result.ts';
import type { PlanSource } from '../../src/audit/source.ts';
import { tenantCode } from '../../src/contract/primitives.ts';

const WAIT_MAX_MS = 60_000;
const EVENTS_MAX = 100_000_000;

const waitMs = z.int().min(0).max(WAIT_MAX_MS);
const seq = z.int().min(0);
const pieces = z.array(z.array(z.string()));
const maxBytes = z.int().positive();

const planInput = z.strictObject({
  tenantId: tenantCode.optional(),
  waitMs: waitMs.default(10_000),
  /** Most events of one task that is not about a single chain. */
  eventsAPiece: z.int().min(1).max(EVENTS_MAX).optional(),
});

/** Also of what only the registry takes for a tenant: what is wrong there is told, and stops nothing. */
const anyTenant = z.string();

const piece = z.object({
  tenantId: anyTenant,
  pieces,
  piece: z.int().min(0),
  looks: z.record(z.string(), z.tuple([seq, seq])),
  maxBytes,
  tenants: z.array(z.string()).optional(),
}) satisfies z.ZodType<Piece>;

const pair = z.object({
  tenantId: anyTenant,
  pieces: z.tuple([z.int().min(0), z.int().min(0)]),
  chains: z.tuple([z.array(z.string()), z.array(z.string())]),
  maxBytes,
}) satisfies z.ZodType<Pair>;

/** What tasks before have answered: of this very function, so its form is not looked at again. */
const answers = <Answer>() => z.array(z.custom<Answer>((value) => typeof value === 'object' && value !== null));

const task = z.discriminatedUnion('task', [
  z.strictObject({ task: z.literal('plan'), input: planInput }),
  z.strictObject({ task: z.literal('piece'), piece, waitMs }),
  z.strictObject({ task: z.literal('pairs'), pieces: answers<PieceAudit>() }),
  z.strictObject({ task: z.literal('pair'), pair }),
  z.strictObject({
    task: z.literal('join'),
    pieces: answers<PieceAudit>(),
    pairs: answers<PairAudit>(),
  }),
]);

/**
 * Does one task of an audit.
 * @param told gets the whole result, at the last task
 * @throws ZodError for input that is none
 */
export async function runTask(
  event: unknown,
  source: PlanSource,
  told: (result: AuditResult) => Promise<void>,
): Promise<unknown> {
  const input = task.parse(event);
  switch (input.task) {
    case 'plan': {
      return { pieces: await planAudit({ source, ...input.input }), waitMs: input.input.waitMs };
    }
    case 'piece':
      return auditPiece(input.piece, { source, waitMs: input.waitMs });
    case 'pairs':
      return pairsOf(input.pieces);
    case 'pair':
      return auditPair(input.pair, source);
    case 'join': {
      // Where there is no tenant there is no piece that has looked for what should not be there.
      const result = input.pieces.length > 0 ? joinAudits(input.pieces, input.pairs) : await audit({ source });
      await told(result);
      return result;
    }
    default:
      return input satisfies never;
  }
}
