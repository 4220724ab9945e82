import { createHash, timingSafeEqual } from 'node:crypto';
import type { Functions } from '../functions/functions.ts';
import type { Issuer } from '../identity/issuer.ts';
import type { Streams } from '../kinesis/streams.ts';
import { json, type Service } from './endpoint.ts';

/**
 * What the owner of a running local cloud may ask from another process, by the secret in its data directory:
 * a token for anybody, a function's answer, what was consumed, and the death of a part. AWS has nothing of the kind.
 */
export function createOwnerService(options: {
  secret: string;
  issuer: Issuer;
  functions: Functions;
  streams: Pick<Streams, 'kill'>;
  consumed(): unknown;
}): Service {
  return async (request) => {
    if (!request.path.startsWith('/_local/')) return undefined;
    if (!isSame(String(request.headers['x-local-secret']), options.secret))
      return json(403, { error: 'Forbidden', message: 'The header x-local-secret is missing or wrong' });
    if (request.method === 'POST' && request.path === '/_local/token') {
      return json(200, {
        token: await options.issuer.issue(JSON.parse(request.body) as Parameters<Issuer['issue']>[0]),
      });
    }
    if (request.method === 'POST' && request.path.startsWith('/_local/invoke/')) {
      const payload: unknown = request.body === '' ? {} : JSON.parse(request.body);
      const result = await options.functions.byId(request.path.slice('/_local/invoke/'.length)).invoke(payload);
      return result.ok ? json(200, result.value) : json(502, result.error);
    }
    if (request.method === 'POST' && request.path.startsWith('/_local/kill/')) {
      const part = request.path.slice('/_local/kill/'.length);
      const killed = await (part === 'streams' ? options.streams.kill() : options.functions.byId(part).kill());
      return json(200, { killed: killed ?? null });
    }
    if (request.method === 'GET' && request.path === '/_local/consumed') return json(200, options.consumed());
    return undefined;
  };
}

/** Takes the same time however much of it is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
