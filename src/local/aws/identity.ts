import type { Issuer } from '../identity/issuer.ts';
import { json, type Service } from './endpoint.ts';

/** Cognito's public addresses: the token endpoint and the key set. */
export function createIdentity(issuer: Issuer): Service {
  return async (request) => {
    if (request.method === 'POST' && request.path === '/oauth2/token') {
      const { status, body } = await issuer.grant(request.headers.authorization, new URLSearchParams(request.body));
      return { ...json(status, body), contentType: 'application/json' };
    }
    if (request.method === 'GET' && request.path.endsWith('/.well-known/jwks.json'))
      return { ...json(200, issuer.jwks()), contentType: 'application/json' };
    return undefined;
  };
}
