import { isAllowed } from '../iam/policy.ts';
import { type Principal, requestContext } from '../iam/principals.ts';
import { json, type ServiceAnswer } from './endpoint.ts';

/** AWS's refusal when the caller's role does not allow an action on a resource; undefined when it does. */
export function refuse(
  caller: Principal | 'administrator',
  action: string,
  resource: string,
): ServiceAnswer | undefined {
  if (caller === 'administrator' || isAllowed(caller.statements, { action, resource, context: requestContext(caller) }))
    return undefined;
  const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  return json(400, { __type: 'AccessDeniedException', message, Message: message });
}
