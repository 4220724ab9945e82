import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RouteMatch } from './routes.ts';

export interface Claims {
  claims: Record<string, string>;
  scopes: string[] | null;
}

/** A request as an HTTP API hands it to a function, payload format 2.0. */
export function toEvent(options: {
  request: IncomingMessage;
  /** By lower-case name, all of them. */
  headers: Record<string, string>;
  path: string;
  query: string;
  body: Buffer;
  match: RouteMatch;
  authorizer: Claims | undefined;
  accountId: string;
  apiId: string;
}): Record<string, unknown> {
  const { request, path, query, body, match, authorizer, accountId, apiId } = options;
  const { cookie, ...headers } = options.headers;
  const now = new Date();
  // Bytes that are no text are handed over as they came, not with other characters in their place.
  const isText = textual.test(headers['content-type'] ?? '') && isUtf8(body);
  const parameters = queryParameters(query);
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(parameters === undefined ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId,
      apiId,
      ...(authorizer === undefined ? {} : { authorizer: { jwt: authorizer } }),
      domainName: headers['host'] ?? '',
      domainPrefix: apiId,
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: match.route.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(match.pathParameters).length === 0 ? {} : { pathParameters: match.pathParameters }),
    ...(body.length === 0 ? {} : { body: isText ? body.toString('utf8') : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer | string;
}

/** A function's result as an HTTP API answers it. A result without `statusCode` is itself the body. Undefined when it makes no sense. */
export function toAnswer(value: unknown): HttpAnswer | undefined {
  const result = value as {
    statusCode?: unknown;
    headers?: Record<string, unknown>;
    body?: unknown;
    cookies?: string[];
    isBase64Encoded?: boolean;
  } | null;
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: typeof value === 'string' ? value : JSON.stringify(value),
    };
  }
  const status = Number(result.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const headers: Record<string, string | string[]> = {};
  for (const [name, header] of Object.entries(result.headers ?? {})) headers[name.toLowerCase()] = String(header);
  if (result.cookies !== undefined) headers['set-cookie'] = result.cookies;
  headers['content-type'] ??= 'text/plain; charset=utf-8';
  const text =
    typeof result.body === 'string'
      ? result.body
      : result.body === undefined || result.body === null
        ? ''
        : JSON.stringify(result.body);
  return { status, headers, body: result.isBase64Encoded === true ? Buffer.from(text, 'base64') : text };
}

/** Everything else is handed over as base64, forms included. */
const textual = /^(text\/|application\/(json|javascript|xml)|application\/[\w.-]+\+(json|xml))/i;

function queryParameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  // Names such as `__proto__` and `constructor` are names like others: an object must not be asked for them before it has them.
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(parameters);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21/Nov/2026:18:17:34 +0000` */
function commonLogTime(time: Date): string {
  const iso = time.toISOString();
  return `${iso.slice(8, 10)}/${months[time.getUTCMonth()] ?? ''}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
