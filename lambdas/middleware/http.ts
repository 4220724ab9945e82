import type middy from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { z } from 'zod';
import { FAULTS } from '../../src/contract/refusals.ts';
import { RIGHT_SCOPE_PREFIX, TENANT_SCOPE_PREFIX } from '../../src/contract/rights.ts';
import type { Principal } from '../../src/gateway/authorise.ts';
import { fault, type Reply } from '../../src/gateway/reply.ts';
import { faultsOf } from '../../src/gateway/validate.ts';
import { JsonFault, readJson } from './read-json.ts';

export type HttpEvent = APIGatewayProxyEventV2WithJWTAuthorizer;
export type HttpResult = APIGatewayProxyStructuredResultV2;

const RETRY_AFTER_SECONDS = '1';

/** A refusal on its way to the client: thrown by what reads requests, rendered by `httpErrors`. */
export class HttpRefusal extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super(reply.kind === 'fault' ? reply.message : reply.kind);
    this.reply = reply;
  }
}

/** Renders refusals that were thrown, and faults of ours without a word about their cause, which goes to the log. */
export function httpErrors(): middy.MiddlewareObj<HttpEvent, HttpResult> {
  return {
    onError(request) {
      const { error } = request;
      if (error instanceof HttpRefusal) {
        request.response = renderReply(error.reply);
        return;
      }
      console.error(
        JSON.stringify({
          level: 'ERROR',
          message: error?.message,
          code: error && 'code' in error ? error.code : undefined,
          stack: error?.stack,
        }),
      );
      request.response = json(500, {
        message: 'The service failed to handle the request; a retry with the same key is safe',
      });
    },
  };
}

export function json(statusCode: number, body: unknown, headers: Record<string, string> = {}): HttpResult {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** The status code of a reply and its body, as the contract has them. */
export function statusOf(reply: Reply): { status: number; body: unknown } {
  switch (reply.kind) {
    case 'accepted':
      return { status: reply.body.dryRun ? 200 : 202, body: reply.body };
    case 'violation':
      return { status: 422, body: reply.body };
    case 'fault': {
      const { code, message, details } = reply;
      return { status: FAULTS[code].status, body: { error: code, message, ...(details && { details }) } };
    }
    default:
      return reply satisfies never;
  }
}

export function renderReply(reply: Reply): HttpResult {
  const { status, body } = statusOf(reply);
  return json(status, body, retryAfter([status]));
}

/** Renders what came of a batch. Its Retry-After is for those commands that are to come again. */
export function renderReplies(replies: readonly Reply[]): HttpResult {
  const results = replies.map(statusOf);
  return json(200, { results }, retryAfter(results.map(({ status }) => status)));
}

function retryAfter(statuses: readonly number[]): Record<string, string> {
  return statuses.some((status) => status === 429 || status === 503) ? { 'retry-after': RETRY_AFTER_SECONDS } : {};
}

/** Reads who asks from the claims that the authorizer has verified. */
export function principalOf(event: HttpEvent): Principal {
  const claims = event.requestContext.authorizer?.jwt?.claims;
  const subject = claims?.['sub'];
  // The same clients get identity tokens from the same issuer: these say who somebody is, not what they may do.
  if (!claims || typeof subject !== 'string' || claims['token_use'] !== 'access')
    throw new HttpRefusal(fault('Unauthorized', 'Send a valid bearer token'));
  // A claim that was a list arrives as `[a b c]`: the client-credentials grant gives none, and half of it would count.
  const granted = String(claims['scope'] ?? '');
  const scopes = granted.startsWith('[') ? [] : granted.split(' ');
  const after = (prefix: string) =>
    new Set(scopes.filter((scope) => scope.startsWith(prefix)).map((scope) => scope.slice(prefix.length)));
  return { subject, tenants: after(TENANT_SCOPE_PREFIX), rights: after(RIGHT_SCOPE_PREFIX) };
}

/** Reads path or query parameters by their schema. @throws HttpRefusal with every fault */
export function parametersOf<Schema extends z.ZodObject>(
  schema: Schema,
  parameters: Record<string, string | undefined> | undefined,
): z.infer<Schema> {
  const result = schema.safeParse(parameters ?? {});
  if (result.success) return result.data;
  const faults = faultsOf(result.error);
  throw new HttpRefusal(
    fault('ValidationError', `The request is not valid: ${faults[0]?.path ?? ''}: ${faults[0]?.message ?? ''}`, {
      faults,
    }),
  );
}

/**
 * Reads a JSON body.
 * @throws HttpRefusal for a body that is too large, has another content type or encoding, is no UTF-8, or no JSON that says one
 * thing only
 */
export function jsonBody(event: HttpEvent, options: { maxBytes: number }): unknown {
  const bytes = event.body === undefined ? 0 : Buffer.byteLength(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes > options.maxBytes) {
    throw new HttpRefusal(
      fault('PayloadTooLarge', `The body has ${bytes} bytes, the limit is ${options.maxBytes}`, {
        limitBytes: options.maxBytes,
      }),
    );
  }
  const contentType = event.headers['content-type'] ?? '';
  if (!isJsonInUtf8(contentType))
    throw invalidBody(`Expected the content type "application/json" in UTF-8, got "${contentType.slice(0, 100)}"`);
  const encoding = event.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw invalidBody(`Expected a body without content encoding, got "${encoding.slice(0, 100)}"`);
  const text = textOf(event);
  if (text.trim() === '') throw invalidBody('Expected a JSON body, got none');
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof JsonFault) throw invalidBody(error.message);
    throw error;
  }
}

/** The registered name and the alias that clients send for it (WHATWG Encoding: a label of UTF-8). */
const UTF8_NAMES = new Set(['utf-8', 'utf8']);
const CHARACTER_SET = /;\s*charset\s*=\s*"?([^\s";]*)/i;

/** JSON is UTF-8 (RFC 8259, 8.1). Another character set would be read as one text here and as another by its sender. */
function isJsonInUtf8(contentType: string): boolean {
  const [type = ''] = contentType.split(';', 1);
  const [, characterSet = 'utf-8'] = CHARACTER_SET.exec(contentType) ?? [];
  return type.trim().toLowerCase() === 'application/json' && UTF8_NAMES.has(characterSet.toLowerCase());
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The body as text. Bytes that are no text come as base64, and are refused: a character put in their place would be hashed. */
function textOf({ body = '', isBase64Encoded }: HttpEvent): string {
  if (!isBase64Encoded) return body;
  try {
    return utf8.decode(Buffer.from(body, 'base64'));
  } catch {
    throw invalidBody('The body is no UTF-8');
  }
}

function invalidBody(message: string): HttpRefusal {
  return new HttpRefusal(fault('ValidationError', message, { faults: [{ path: '', message }] }));
}
