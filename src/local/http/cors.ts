import type { IncomingMessage } from 'node:http';
import type { Stack } from '../template/stack.ts';

/** CORS settings of an HTTP API, as in the template. */
export interface CorsRules {
  AllowOrigins?: string[];
  AllowMethods?: string[];
  AllowHeaders?: string[];
  ExposeHeaders?: string[];
  AllowCredentials?: boolean;
  MaxAge?: number;
}

export function readCors(stack: Stack): CorsRules | undefined {
  const [api] = stack.resources('AWS::ApiGatewayV2::Api');
  return api?.property('CorsConfiguration') as CorsRules | undefined;
}

/** Headers for an answer to a request from another origin; none when that origin is not allowed. */
export function corsHeaders(rules: CorsRules, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  const allowed = rules.AllowOrigins ?? [];
  if (origin === undefined || !(allowed.includes('*') || allowed.includes(origin))) return {};
  const headers: Record<string, string> = {
    'access-control-allow-origin': allowed.includes('*') ? '*' : origin,
    vary: 'origin',
  };
  if (rules.AllowCredentials === true) headers['access-control-allow-credentials'] = 'true';
  if (rules.ExposeHeaders !== undefined) headers['access-control-expose-headers'] = rules.ExposeHeaders.join(',');
  if (request.method === 'OPTIONS') {
    headers['access-control-allow-methods'] = (rules.AllowMethods ?? []).join(',');
    headers['access-control-allow-headers'] = (rules.AllowHeaders ?? []).join(',');
    if (rules.MaxAge !== undefined) headers['access-control-max-age'] = String(rules.MaxAge);
  }
  return headers;
}
