import { type AccessRequest, isAllowed, isDenied, type Statement } from '../iam/policy.ts';
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

/**
 * @param options.policy that of the resource itself, which binds the account's administrator too
 * @param options.administrator ARN by which that policy knows the administrator
 * @returns why a policy of the resource denies an action on it, whoever is allowed it; undefined when none does
 */
export function resourceDenialOf(
  caller: Principal | 'administrator',
  action: string,
  resource: string,
  { policy, administrator }: { policy: readonly Statement[]; administrator: string },
): string | undefined {
  const known = caller === 'administrator' ? { 'aws:PrincipalArn': [administrator] } : requestContext(caller);
  // There is no way here but over this machine's own loopback, where TLS would keep nothing from anybody.
  const context = { ...known, 'aws:SecureTransport': ['true'] };
  if (!isDenied(policy, { action, resource, context })) return undefined;
  const arn = caller === 'administrator' ? administrator : caller.arn;
  return `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} with an explicit deny in a resource-based policy`;
}
