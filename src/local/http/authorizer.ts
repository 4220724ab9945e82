import { decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import type { KeyRing } from '../identity/key-ring.ts';
import type { Stack } from '../template/stack.ts';
import type { Claims } from './payload.ts';

export type Authorization = { ok: true; claims: Claims } | { ok: false; status: 401 | 403; reason: string };

/** Checks a bearer token as a JWT authorizer of an HTTP API does. */
export type Authorizer = (header: string | undefined, scopes: string[]) => Promise<Authorization>;

interface Verified {
  claims: Record<string, string>;
  scopes: string[];
  expiresAtMs: number;
}

/** Tokens whose signature was checked already; a bound on memory, not on users. */
const rememberedTokens = 1_000;

/** The template's JWT authorizers by logical id. */
export function createAuthorizers(stack: Stack, keys: KeyRing): Map<string, Authorizer> {
  return new Map(
    stack.resources('AWS::ApiGatewayV2::Authorizer').map((resource) => {
      const source = (resource.required('IdentitySource') as string[])[0] ?? '';
      if (resource.property('AuthorizerType') !== 'JWT' || source.toLowerCase() !== '$request.header.authorization') {
        throw new Error(
          `Cannot create ${resource.logicalId}: the local cloud knows JWT authorizers on the Authorization header only`,
        );
      }
      const { Issuer, Audience } = resource.required('JwtConfiguration') as { Issuer: string; Audience: string[] };
      return [resource.logicalId, createAuthorizer({ issuer: Issuer, audience: Audience, keys })];
    }),
  );
}

export function createAuthorizer(options: { issuer: string; audience: string[]; keys: KeyRing }): Authorizer {
  const { issuer, audience, keys } = options;
  const remembered = new Map<string, Verified>();

  async function verify(token: string): Promise<Verified> {
    const known = remembered.get(token);
    if (known !== undefined) {
      if (known.expiresAtMs > Date.now()) return known;
      remembered.delete(token);
      throw new Error('the token has expired');
    }
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== 'RS256') throw new Error(`the algorithm "${String(alg)}" is not accepted`);
    const { payload } = await jwtVerify(token, keys.publicKey(String(kid)), {
      issuer,
      algorithms: ['RS256'],
      requiredClaims: ['exp'],
    });
    // API Gateway refuses a token from the future, also one that does not say `nbf`.
    if ((payload.iat ?? 0) > Date.now() / 1_000) throw new Error('the token is not yet issued');
    // As API Gateway: `aud` decides, and `client_id` only where a token has no `aud`.
    const named = payload.aud === undefined ? [payload['client_id']] : [payload.aud].flat();
    if (!named.some((name) => typeof name === 'string' && audience.includes(name)))
      throw new Error('the audience is not accepted');
    const verified: Verified = {
      claims: claimsAsText(payload),
      scopes: typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [],
      expiresAtMs: (payload.exp ?? 0) * 1_000,
    };
    if (remembered.size >= rememberedTokens) remembered.clear();
    remembered.set(token, verified);
    return verified;
  }

  return async (header, scopes) => {
    const token = header?.replace(/^bearer\s+/i, '');
    if (token === undefined || token === '') return { ok: false, status: 401, reason: 'no bearer token' };
    let verified: Verified;
    try {
      verified = await verify(token);
    } catch (error) {
      return { ok: false, status: 401, reason: (error as Error).message };
    }
    if (scopes.length > 0 && !scopes.some((scope) => verified.scopes.includes(scope)))
      return { ok: false, status: 403, reason: 'insufficient scope' };
    return { ok: true, claims: { claims: verified.claims, scopes: scopes.length > 0 ? scopes : null } };
  };
}

/** HTTP APIs hand every claim over as text, lists as `[a b]`. */
function claimsAsText(payload: JWTPayload): Record<string, string> {
  const claims: Record<string, string> = {};
  for (const [name, value] of Object.entries(payload))
    claims[name] = Array.isArray(value) ? `[${value.join(' ')}]` : String(value);
  return claims;
}
