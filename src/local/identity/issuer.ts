import { randomUUID, timingSafeEqual } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Stack } from '../template/stack.ts';
import type { KeyRing } from './key-ring.ts';

/** A machine client of the template's user pool. */
interface Client {
  id: string;
  secret: string;
  scopes: string[];
  grants: string[];
  lifetimeSeconds: number;
}

export type TokenAnswer =
  | { status: 200; body: { access_token: string; expires_in: number; token_type: 'Bearer' } }
  | { status: 400; body: { error: string } };

/** Issues access tokens with the claims of Cognito's client-credentials grant. */
export interface Issuer {
  /** OAuth 2.0 token endpoint (RFC 6749, 4.4): `authorization` header and form body as they came. */
  grant(authorization: string | undefined, form: URLSearchParams): Promise<TokenAnswer>;
  /** A token for anybody, as the owner of the local cloud may give it. */
  issue(options: { subject: string; tenants: string[]; rights: string[]; ttlSeconds?: number }): Promise<string>;
  jwks: KeyRing['jwks'];
}

const defaultLifetimeSeconds = 3_600;
const secondsPer: Record<string, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };

export function createIssuer(options: {
  stack: Stack;
  keys: KeyRing;
  generatedSecret(logicalId: string): string;
}): Issuer {
  const { stack, keys } = options;
  const [pool] = stack.resources('AWS::Cognito::UserPool');
  const issuer =
    pool === undefined ? '' : `https://cognito-idp.${stack.region}.amazonaws.com/${stack.ref(pool.logicalId)}`;
  const clients = new Map(readClients(stack, options.generatedSecret).map((client) => [client.id, client]));

  function sign(claims: { sub: string; client_id: string; scope: string }, lifetimeSeconds: number): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ ...claims, token_use: 'access', auth_time: now, version: 2, jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256', kid: keys.keyId })
      .setIssuer(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimeSeconds)
      .sign(keys.privateKey);
  }

  return {
    jwks: keys.jwks,
    async grant(authorization, form) {
      const [id, secret] = credentials(authorization, form);
      const client = clients.get(id);
      if (form.get('grant_type') !== 'client_credentials')
        return { status: 400, body: { error: 'unsupported_grant_type' } };
      if (client === undefined || !equal(client.secret, secret))
        return { status: 400, body: { error: 'invalid_client' } };
      if (!client.grants.includes('client_credentials')) return { status: 400, body: { error: 'unauthorized_client' } };
      const asked = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
      if (asked.some((scope) => !client.scopes.includes(scope)))
        return { status: 400, body: { error: 'invalid_scope' } };
      // Without a wish the client gets all that it may have, as in Cognito.
      const scope = (asked.length > 0 ? asked : client.scopes).join(' ');
      const access_token = await sign({ sub: client.id, client_id: client.id, scope }, client.lifetimeSeconds);
      return { status: 200, body: { access_token, expires_in: client.lifetimeSeconds, token_type: 'Bearer' } };
    },
    issue({ subject, tenants, rights, ttlSeconds = defaultLifetimeSeconds }) {
      const scope = [...tenants.map((tenant) => `tenants/${tenant}`), ...rights.map((right) => `rights/${right}`)].join(
        ' ',
      );
      // The authorizer accepts the template's clients only; a subject that is none of them borrows the first one's name.
      const clientId = clients.has(subject) ? subject : ([...clients.keys()][0] ?? subject);
      return sign({ sub: subject, client_id: clientId, scope }, ttlSeconds);
    },
  };
}

function readClients(stack: Stack, generatedSecret: (logicalId: string) => string): Client[] {
  return stack.resources('AWS::Cognito::UserPoolClient').map((resource) => {
    const units = resource.property('TokenValidityUnits') as { AccessToken?: string } | undefined;
    const validity = resource.property('AccessTokenValidity');
    return {
      id: stack.ref(resource.logicalId),
      secret: resource.property('GenerateSecret') === true ? generatedSecret(resource.logicalId) : '',
      scopes: (resource.property('AllowedOAuthScopes') ?? []) as string[],
      grants:
        resource.property('AllowedOAuthFlowsUserPoolClient') === true
          ? ((resource.property('AllowedOAuthFlows') ?? []) as string[])
          : [],
      lifetimeSeconds:
        validity === undefined
          ? defaultLifetimeSeconds
          : Number(validity) * (secondsPer[units?.AccessToken ?? 'hours'] ?? 3_600),
    };
  });
}

/** Client id and secret out of a Basic header, or out of the form. */
function credentials(authorization: string | undefined, form: URLSearchParams): [string, string] {
  const [, encoded] = /^basic\s+(.+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s, 2);
  return [decodeSafely(id), decodeSafely(secret)];
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}
