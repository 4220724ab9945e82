import { createConnections, type HttpAnswer } from './connections.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { ServiceAddress, ServiceName } from './environment.ts';
import { ServiceError } from './errors.ts';
import { createRetries } from './retries.ts';
import { amzDateOf, createSigner } from './signature.ts';

/** A service of AWS that is asked by signed requests: one address, kept connections, a budget of retries. */
export interface SignedService {
  /**
   * @returns the answer, which has status 200
   * @throws ServiceError, ConnectionLostError, BrokenAnswerError, CallTimeoutError when the last attempt failed;
   * what the credentials' source throws, which is asked for others once where the service calls them expired
   */
  ask(request: SignedRequest): Promise<HttpAnswer>;
  close(): void;
}

/** A POST to `/`, as the JSON and query protocols make it, unless it says other things. */
export interface SignedRequest {
  credentials: CredentialSource;
  method?: 'GET' | 'PUT';
  /** Escaped. */
  path?: string;
  /** Escaped, names in order. */
  query?: string;
  /** Names in small letters, beside those that each request has: `host`, `content-length` and those of its signature. */
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
  /** All attempts together, and the waiting for credentials. */
  timeoutMs: number;
}

/** What callers of a service may choose. */
export interface ServiceClientOptions {
  /** Else from the environment. */
  address?: ServiceAddress;
  credentials?: CredentialSource;
  random?: () => number;
}

/** Attempts, delays and connections for services that are asked now and then. */
export const SELDOM_ASKED = { maxAttempts: 3, retryBaseMs: 50, maxConnections: 16 } as const;

export interface SignedServiceOptions extends ServiceAddress {
  service: ServiceName;
  maxAttempts: number;
  /** Longest delay before the first retry after a fault; it doubles with each. */
  retryBaseMs: number;
  maxConnections: number;
  /** Time after which a connection that is not used is left. */
  idleMaxMs?: number | undefined;
  random: () => number;
  errorOf(answer: HttpAnswer): ServiceError;
  /** Throws when a whole answer is not what was sent. */
  check?(answer: HttpAnswer): void;
}

export function createSignedService(options: SignedServiceOptions): SignedService {
  const { endpoint, maxAttempts, retryBaseMs, maxConnections, idleMaxMs, random } = options;
  const connections = createConnections({ endpoint, maxConnections, ...(idleMaxMs !== undefined && { idleMaxMs }) });
  const retries = createRetries({ maxAttempts, baseMs: retryBaseMs, random });
  const sign = createSigner(options);
  const now = amzClock();

  async function attempt(request: SignedRequest, credentials: Credentials, deadline: Deadline): Promise<HttpAnswer> {
    const { method = 'POST', path = '/', query = '', body } = request;
    const amzDate = now();
    const headers = [...request.headers, ['host', endpoint.host] as const, ['x-amz-date', amzDate] as const];
    if (credentials.sessionToken !== undefined) headers.push(['x-amz-security-token', credentials.sessionToken]);
    headers.sort(([one], [other]) => (one < other ? -1 : 1));
    const sent = headers.flat();
    sent.push('authorization', sign({ credentials, method, path, query, amzDate, headers, body }));
    if (body !== '') sent.push('content-length', String(Buffer.byteLength(body)));
    const target = query === '' ? path : `${path}?${query}`;
    const answer = await connections.exchange({ method, target, headers: sent, body }, deadline);
    if (answer.status !== 200) throw options.errorOf(answer);
    options.check?.(answer);
    return answer;
  }

  return {
    async ask(request) {
      const deadline = startDeadline(request.timeoutMs);
      const soon = (given: Credentials | Promise<Credentials>): Credentials | Promise<Credentials> =>
        given instanceof Promise ? deadline.orEnd(given) : given;
      let isRenewed = false;
      try {
        for (let number = 1, retry; ; number += 1) {
          const credentials = await soon(request.credentials());
          try {
            const answer = await attempt(request, credentials, deadline);
            retries.succeeded(retry);
            return answer;
          } catch (error) {
            if (isExpiry(error) && !isRenewed) {
              isRenewed = true;
              if ((await soon(request.credentials(credentials))) === credentials) throw error;
              continue;
            }
            retry = retries.after(error, number);
            if (retry === undefined) throw error;
            await deadline.sleep(retry.delayMs);
          }
        }
      } finally {
        deadline.clear();
      }
    },
    close: () => connections.close(),
  };
}

/** The words for credentials that were temporary: of services that answer in JSON, and in XML. */
function isExpiry(error: unknown): boolean {
  return error instanceof ServiceError && /^ExpiredToken(?:Exception)?$/.test(error.name);
}

/** The time as AWS writes it, made once a second. */
function amzClock(): () => string {
  let second = 0;
  let text = '';
  return () => {
    const nowSecond = Math.floor(Date.now() / 1_000);
    if (nowSecond !== second) {
      second = nowSecond;
      text = amzDateOf(nowSecond * 1_000);
    }
    return text;
  };
}
