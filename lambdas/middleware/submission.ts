import { commandQuery, tenantPath } from '../../src/contract/queries.ts';
import type { Principal } from '../../src/gateway/authorise.ts';
import type { Submission } from '../../src/gateway/gateway.ts';
import { type HttpEvent, parametersOf } from './http.ts';

/** Reads what a command request says beside its body. */
export function submissionOf(event: HttpEvent, principal: Principal): Submission {
  const { tenantId } = parametersOf(tenantPath, event.pathParameters);
  const { dryRun } = parametersOf(commandQuery, event.queryStringParameters);
  return { tenantId, principal, dryRun: dryRun === 'true' };
}
