import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Principal, Principals } from '../iam/principals.ts';
import { listen, stopServer } from '../http/listen.ts';
import { isLoopbackHost } from '../http/loopback-host.ts';
import { readBody } from '../http/read-body.ts';

/** A request to one of the small services, read whole. */
export interface ServiceRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** As text. */
  body: string;
  bytes: Buffer;
  /** `unknown` for requests without AWS credentials, or with bad ones. */
  caller: Principal | 'administrator' | 'unknown';
}

export interface ServiceAnswer {
  status: number;
  contentType: string;
  body: string | Buffer;
  headers?: Record<string, string>;
}

/** Answers the requests that are its own, and leaves the others (undefined). */
export type Service = (request: ServiceRequest) => Promise<ServiceAnswer | undefined> | ServiceAnswer | undefined;

export interface AwsEndpoint {
  url: string;
  /** Services, which are known only after the address is. */
  open(services: Service[], principals: Principals): void;
  stop(): Promise<void>;
}

const bodyLimitBytes = 8 * 1024 * 1024;

/** One address for the services that take few requests: STS, Secrets Manager, Lambda, Step Functions, KMS, S3, the token endpoint. */
export async function startAwsEndpoint(options: {
  log(line: string): void;
  /** Told of each error that a request ended with. */
  failed?(error: unknown): void;
}): Promise<AwsEndpoint> {
  let services: Service[] = [];
  let principals: Principals | undefined;

  async function handle(request: IncomingMessage): Promise<ServiceAnswer> {
    if (!isLoopbackHost(request.headers.host))
      return json(403, { __type: 'AccessDeniedException', message: 'The local cloud answers to this machine only' });
    const url = new URL(request.url ?? '/', 'http://local');
    const bytes = await readBody(request, bodyLimitBytes);
    if (bytes === undefined) return json(413, { __type: 'RequestEntityTooLarge', message: 'The request is too large' });
    const [, accessKeyId = ''] = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const caller = principals?.byAccessKey(accessKeyId) ?? 'unknown';
    const given: ServiceRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: bytes.toString(),
      bytes,
      caller,
    };
    for (const service of services) {
      const answer = await service(given);
      if (answer !== undefined) return answer;
    }
    return json(404, {
      __type: 'UnknownOperationException',
      message: 'The local cloud does not emulate this operation',
    });
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    handle(request)
      .catch((error: unknown) => {
        options.failed?.(error);
        options.log(`${String(request.method)} ${String(request.url)}: ${(error as Error).message}`);
        return json(500, { __type: 'InternalFailure', message: 'The request could not be completed' });
      })
      .then((answer) => {
        response.writeHead(answer.status, {
          'content-type': answer.contentType,
          'content-length': Buffer.byteLength(answer.body),
          ...answer.headers,
        });
        response.end(answer.body);
      })
      .catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  return {
    url: await listen(server, 0),
    open(opened, known) {
      services = opened;
      principals = known;
    },
    stop: () => stopServer(server),
  };
}

export function json(status: number, body: unknown): ServiceAnswer {
  return { status, contentType: 'application/x-amz-json-1.1', body: JSON.stringify(body) };
}

/** The operation of a JSON-protocol request to the service with this target prefix. */
export function operationOf(request: ServiceRequest, prefix: string): string | undefined {
  const target = String(request.headers['x-amz-target'] ?? '');
  return target.startsWith(`${prefix}.`) ? target.slice(prefix.length + 1) : undefined;
}
