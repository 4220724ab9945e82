import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Functions } from '../functions/functions.ts';
import type { InvocationResult } from '../functions/invocation.ts';
import { answerError } from './answers.ts';
import type { Authorizer } from './authorizer.ts';
import { createByteBudget } from './byte-budget.ts';
import { corsHeaders, type CorsRules } from './cors.ts';
import { headersOf } from './headers.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';
import { listen, stopServer } from './listen.ts';
import { type Claims, toAnswer, toEvent } from './payload.ts';
import { NoRoomError, readBody } from './read-body.ts';
import { createRouter, type Route, type RouteMatch } from './routes.ts';
import { createBoundedServer } from './server.ts';

/** Content that the local cloud's owner serves beside the API, such as reports. */
export type Mount = (
  path: string,
) => Promise<{ status: number; contentType: string; body: string | Uint8Array } | undefined>;

export interface FrontDoor {
  url: string;
  /** Routes, functions and authorizers, which are known only after the address is. */
  open(api: Api): void;
  /** Answers GET requests below `prefix`, without authorization and before the routes. */
  mount(prefix: string, respond: Mount): void;
  requests(): number;
  stop(): Promise<void>;
}

export interface Api {
  routes: Route[];
  authorizers: Map<string, Authorizer>;
  functions: Functions;
  cors: CorsRules | undefined;
  accountId: string;
  apiId: string;
}

/** The HTTP API of the template on a local port. */
export async function startFrontDoor(options: {
  port: number;
  log(line: string): void;
  limits?: Partial<HttpLimits> | undefined;
}): Promise<FrontDoor> {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const openShare = createByteBudget(limits.bodiesBytes);
  const openAnswerShare = createByteBudget(limits.answersBytes);
  const mounts: { prefix: string; respond: Mount }[] = [];
  let api: (Api & { find(method: string, path: string): RouteMatch | undefined }) | undefined;
  let requests = 0;
  let invocations = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query] = split(request.url ?? '/');
    if (request.method === 'GET' && (await answerMount(path, response))) return;
    requests++;
    if (api === undefined) return answerError(response, 503, 'ServiceUnavailable', 'The local cloud is starting');
    const cors = api.cors === undefined ? {} : corsHeaders(api.cors, request);
    for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
    if (
      api.cors !== undefined &&
      request.method === 'OPTIONS' &&
      request.headers['access-control-request-method'] !== undefined
    ) {
      response.writeHead(204).end();
      return;
    }
    const headers = headersOf(request.rawHeaders);
    if (headers['host']?.includes(',')) return answerError(response, 400, 'ValidationError', 'There are several hosts');
    const match = findRoute(path, request.method ?? 'GET');
    if (match === 'malformed') return answerError(response, 400, 'ValidationError', 'The path is not well encoded');
    if (match === undefined) return answerError(response, 404, 'NotFound', 'Not Found');

    let claims: Claims | undefined;
    if (match.route.authorizerId !== undefined) {
      const authorization = await api.authorizers.get(match.route.authorizerId)?.(
        headers['authorization'],
        match.route.scopes,
      );
      if (authorization === undefined || !authorization.ok) {
        const status = authorization?.status ?? 401;
        response.setHeader(
          'www-authenticate',
          status === 401 ? 'Bearer error="invalid_token"' : 'Bearer error="insufficient_scope"',
        );
        return answerError(
          response,
          status,
          status === 401 ? 'Unauthorized' : 'Forbidden',
          status === 401 ? 'Unauthorized' : 'Forbidden',
        );
      }
      claims = authorization.claims;
    }
    const share = openShare();
    try {
      const body = await readBody(request, limits.bodyBytes, share);
      if (body === undefined) return answerError(response, 413, 'PayloadTooLarge', 'Request Entity Too Large');
      const { accountId, apiId } = api;
      const event = toEvent({ request, headers, path, query, body, match, authorizer: claims, accountId, apiId });
      if (typeof event['body'] === 'string' && event['body'].length > limits.eventBytes)
        return answerError(response, 413, 'PayloadTooLarge', 'Request Entity Too Large');
      // Counted from here, not from its headers: who sends slowly keeps nobody else out.
      if (invocations >= limits.invocations)
        return answerError(response, 429, 'TooManyRequests', 'Too many requests are being handled; retry later');
      invocations++;
      const invocation = api.functions.byNameOrArn(match.route.functionName).invoke(event);
      void invocation.finally(() => invocations--);
      await answer(response, match.route, withLimit(invocation, match.route.timeoutMs));
    } catch (error) {
      if (!(error instanceof NoRoomError)) throw error;
      answerError(response, 503, 'ServiceUnavailable', error.message);
    } finally {
      share.release();
    }
  }

  async function answer(
    response: ServerResponse,
    route: Route,
    invocation: Promise<InvocationResult | undefined>,
  ): Promise<void> {
    const result = await invocation;
    if (result === undefined) return answerError(response, 503, 'ServiceUnavailable', 'Service Unavailable');
    if (!result.ok) {
      options.log(`${route.routeKey}: ${result.error.errorType}: ${result.error.errorMessage}`);
      return answerError(response, 500, 'InternalServerError', 'Internal Server Error');
    }
    const http = toAnswer(result.value);
    if (http === undefined) return answerError(response, 500, 'InternalServerError', 'Internal Server Error');
    const bytes = Buffer.byteLength(http.body);
    const share = openAnswerShare();
    if (!share.take(bytes)) return answerError(response, 503, 'ServiceUnavailable', 'Too many answers wait to be read');
    response.once('close', share.release);
    response.writeHead(http.status, { ...http.headers, 'content-length': bytes });
    response.end(http.body);
  }

  function findRoute(path: string, method: string): RouteMatch | 'malformed' | undefined {
    try {
      return api?.find(method, path);
    } catch {
      return 'malformed';
    }
  }

  async function answerMount(path: string, response: ServerResponse): Promise<boolean> {
    for (const { prefix, respond } of mounts) {
      if (path !== prefix && !path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)) continue;
      const found = await respond(path);
      if (found === undefined) continue;
      response.writeHead(found.status, {
        'content-type': found.contentType,
        'content-length': Buffer.byteLength(found.body),
      });
      response.end(found.body);
      return true;
    }
    return false;
  }

  const server = createBoundedServer(limits, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      options.log(`${String(request.method)} ${String(request.url)}: ${(error as Error).message}`);
      if (response.headersSent) response.destroy();
      else answerError(response, 500, 'InternalServerError', 'Internal Server Error');
    });
  });
  return {
    url: await listen(server, options.port),
    open(opened) {
      api = { ...opened, find: createRouter(opened.routes) };
    },
    mount(prefix, respond) {
      mounts.push({ prefix, respond });
    },
    requests: () => requests,
    stop: () => stopServer(server),
  };
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

async function withLimit<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
