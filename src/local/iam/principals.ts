import { randomBytes } from 'node:crypto';
import type { Stack, StackResource } from '../template/stack.ts';
import { type AccessRequest, isAllowed, parsePolicy, type Statement } from './policy.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiresAt: Date;
}

export interface Principal {
  /** As AWS names it in refusals. */
  arn: string;
  roleArn: string;
  tags: Record<string, string>;
  statements: readonly Statement[];
  expiresAt: number;
}

export interface Principals {
  /** New credentials for a role of the template, bound to session tags. */
  issue(options: {
    roleArn: string;
    sessionName: string;
    tags?: Record<string, string>;
    durationMs?: number;
  }): Credentials;
  /**
   * The session behind an access key. `administrator` for keys that no session here was given, as the
   * account's own keys; `unknown` for no key, or a session key that was never issued or has expired.
   */
  byAccessKey(accessKeyId: string): Principal | 'administrator' | 'unknown';
  /** The role of the template with this ARN. */
  role(roleArn: string): StackResource | undefined;
  /** May this caller take this role with these tags, by the role's trust policy and the caller's own policies? */
  mayAssume(caller: Principal | 'administrator', roleArn: string, tags: Record<string, string>): boolean;
}

const defaultDurationMs = 365 * 24 * 3_600_000;

/** Sessions of the roles in the template, with the policies that the template gives them. */
export function createPrincipals(stack: Stack): Principals {
  const sessions = new Map<string, Principal>();
  const rolesByArn = new Map(stack.resources('AWS::IAM::Role').map((role) => [stack.arn(role.logicalId), role]));
  const statementsByRole = readPolicies(stack);

  return {
    issue({ roleArn, sessionName, tags = {}, durationMs = defaultDurationMs }) {
      const role = rolesByArn.get(roleArn);
      if (role === undefined)
        throw new Error(`Cannot give credentials for "${roleArn}": the template has no such role`);
      const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
      const expiresAt = Date.now() + durationMs;
      sessions.set(accessKeyId, {
        arn: `arn:aws:sts::${stack.accountId}:assumed-role/${role.physicalName}/${sessionName}`,
        roleArn,
        tags,
        statements: statementsByRole.get(role.physicalName) ?? [],
        expiresAt,
      });
      return {
        accessKeyId,
        secretAccessKey: randomBytes(20).toString('hex'),
        sessionToken: randomBytes(24).toString('base64url'),
        expiresAt: new Date(expiresAt),
      };
    },
    byAccessKey(accessKeyId) {
      const principal = sessions.get(accessKeyId);
      if (principal === undefined)
        return accessKeyId === '' || accessKeyId.startsWith('ASIA') ? 'unknown' : 'administrator';
      if (principal.expiresAt > Date.now()) return principal;
      sessions.delete(accessKeyId);
      return 'unknown';
    },
    role: (roleArn) => rolesByArn.get(roleArn),
    mayAssume(caller, roleArn, tags) {
      const role = rolesByArn.get(roleArn);
      if (role === undefined) return false;
      if (caller === 'administrator') return true;
      const context = requestContext(caller, tags);
      const actions = Object.keys(tags).length > 0 ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'];
      const trust = role.required('AssumeRolePolicyDocument') as { Statement?: unknown };
      const account = `arn:aws:iam::${stack.accountId}:root`;
      return actions.every((action) => {
        const trusts = (principal: string) =>
          isAllowed(trustStatements(trust, principal), { action, resource: roleArn, context });
        return (
          trusts(caller.roleArn) ||
          (trusts(account) && isAllowed(caller.statements, { action, resource: roleArn, context }))
        );
      });
    },
  };
}

/** Condition keys that a session carries into each of its requests. */
export function requestContext(caller: Principal, requestTags: Record<string, string> = {}): AccessRequest['context'] {
  const context: AccessRequest['context'] = { 'aws:PrincipalArn': [caller.roleArn] };
  for (const [name, value] of Object.entries(caller.tags)) context[`aws:PrincipalTag/${name}`] = [value];
  for (const [name, value] of Object.entries(requestTags)) context[`aws:RequestTag/${name}`] = [value];
  if (Object.keys(requestTags).length > 0) context['aws:TagKeys'] = Object.keys(requestTags);
  return context;
}

function trustStatements(document: { Statement?: unknown }, principal: string): Statement[] {
  const statements = [document.Statement ?? []].flat() as { Principal?: { AWS?: string | string[] } | string }[];
  const applicable = statements.filter(({ Principal: named }) => {
    if (typeof named === 'string') return named === '*';
    return [named?.AWS ?? []].flat().some((arn) => arn === principal || arn === '*');
  });
  return parsePolicy({ Statement: applicable }, 'a trust policy');
}

function readPolicies(stack: Stack): Map<string, Statement[]> {
  const byRole = new Map<string, Statement[]>();
  const add = (roleName: string, document: unknown, where: string) => {
    byRole.set(roleName, [...(byRole.get(roleName) ?? []), ...parsePolicy(document, where)]);
  };
  for (const role of stack.resources('AWS::IAM::Role')) {
    const inline = (role.property('Policies') ?? []) as { PolicyName: string; PolicyDocument: unknown }[];
    for (const policy of inline)
      add(role.physicalName, policy.PolicyDocument, `policy ${policy.PolicyName} of ${role.logicalId}`);
  }
  for (const policy of stack.resources('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')) {
    for (const roleName of (policy.property('Roles') ?? []) as string[])
      add(roleName, policy.required('PolicyDocument'), policy.logicalId);
  }
  return byRole;
}
