import { createConnections, type HttpAnswer } from './connections.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { ServiceAddress } from './environment.ts';
import { ServiceError } from './errors.ts';
import { createRetries } from './retries.ts';
import { amzDateOf, createSigner } from './signature.ts';

/** A service of AWS that is asked by signed POSTs: one address, kept connections, a budget of retries. */
export interface SignedService {
  /**
   * @returns the answer, which has status 200
   * @throws ServiceError, ConnectionLostError, BrokenAnswerError, CallTimeoutError when the last attempt failed;
   * what the credentials' source throws, which is asked for others once where the service calls them expired
   */
  post(request: SignedPost): Promise<HttpAnswer>;
  close(): void;
}

export interface SignedPost {
  credentials: CredentialSource;
  contentType: string;
  /** `DynamoDB_20120810.PutItem`; absent in the query protocol. */
  target?: string;
  body: string;
  /** All attempts together, and the waiting for credentials. */
  timeoutMs: number;
}

export interface SignedServiceOptions extends ServiceAddress {
  service: 'dynamodb' | 'sts';
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

  async function attempt(post: SignedPost, credentials: Credentials, deadline: Deadline): Promise<HttpAnswer> {
    const { contentType, target, body } = post;
    const amzDate = now();
    const headers: [string, string][] = [
      ['content-type', contentType],
      ['host', endpoint.host],
      ['x-amz-date', amzDate],
    ];
    if (credentials.sessionToken !== undefined) headers.push(['x-amz-security-token', credentials.sessionToken]);
    if (target !== undefined) headers.push(['x-amz-target', target]);
    const sent = headers.flat();
    sent.push('authorization', sign({ credentials, amzDate, headers, body }));
    sent.push('content-length', String(Buffer.byteLength(body)));
    const answer = await connections.exchange(sent, body, deadline);
    if (answer.status !== 200) throw options.errorOf(answer);
    options.check?.(answer);
    return answer;
  }

  return {
    async post(request) {
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

/** DynamoDB's word for credentials that were temporary. */
function isExpiry(error: unknown): boolean {
  return error instanceof ServiceError && error.name === 'ExpiredTokenException';
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
