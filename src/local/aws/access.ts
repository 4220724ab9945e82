import { type AccessRequest, isAllowed } from '../iam/policy.ts';
import { type Principal, requestContext } from '../iam/principals.ts';
import { json, type ServiceAnswer } from './endpoint.ts';

/** AWS's refusal, in the JSON protocol, when the caller's role does not allow an action on a resource; undefined when it does. */
export function refuse(
  caller: Principal | 'administrator',
  action: string,
  resource: string,
  context: AccessRequest['context'] = {},
): ServiceAnswer | undefined {
  const message = denialOf(caller, action, resource, context);
  return message === undefined ? undefined : json(400, { __type: 'AccessDeniedException', message, Message: message });
}

/**
 * @param context condition keys of the request, beside those of the caller
 * @returns why the caller's role does not allow an action on a resource; undefined when it does
 */
export function denialOf(
  caller: Principal | 'administrator',
  action: string,
  resource: string,
  context: AccessRequest['context'] = {},
): string | undefined {
  if (caller === 'administrator') return undefined;
  const request = { action, resource, context: { ...requestContext(caller), ...context } };
  if (isAllowed(caller.statements, request)) return undefined;
  return `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}
