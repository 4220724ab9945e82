import type { CommandEnvelope } from '../contract/envelope.ts';
import { COMMAND_RIGHTS, type Right } from '../contract/rights.ts';
import { fault, type Reply } from './reply.ts';

/** Who asks, as the bearer token says. */
export interface Principal {
  subject: string;
  tenants: ReadonlySet<string>;
  rights: ReadonlySet<string>;
}

/** @returns the refusal of a principal who may not do this, else undefined */
export function refuseAccess(principal: Principal, access: { tenantId: string; right: Right }): Reply | undefined {
  // The two cases read alike on purpose: whether another tenant exists is nobody's business.
  if (!principal.tenants.has(access.tenantId))
    return fault('Forbidden', `The token does not cover tenant "${access.tenantId}"`);
  if (!principal.rights.has(access.right))
    return fault('Forbidden', `The token does not carry the right "${access.right}"`);
  return undefined;
}

export function refuseCommand(principal: Principal, envelope: CommandEnvelope): Reply | undefined {
  const refusal = refuseAccess(principal, { tenantId: envelope.tenantId, right: COMMAND_RIGHTS[envelope.commandType] });
  if (refusal) return refusal;
  if (envelope.actor.actorId !== principal.subject) {
    return fault('Forbidden', `The actor "${envelope.actor.actorId}" is not the subject of the token`);
  }
  return undefined;
}
