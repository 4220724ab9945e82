import { crc32 } from 'node:zlib';
import { BrokenAnswerError, type HttpAnswer } from './connections.ts';
import type { CredentialSource } from './credentials.ts';
import { rememberedEnvironment, serviceAddress, type ServiceAddress } from './environment.ts';
import { jsonErrorOf, parseJson } from './json-answer.ts';
import { createSignedService } from './signed-service.ts';
import type { Operations } from './wire.ts';

/** DynamoDB, by signed JSON over kept connections. */
export interface DynamoDb {
  /**
   * Sends one request, and again after faults that pass, as the AWS SDK does: four attempts, within the time given.
   * After an error that is no `ServiceError` below 500 a write may have happened, and a conditional write may fail on its own
   * lost success: only reading tells.
   * @throws ServiceError, ConnectionLostError, BrokenAnswerError, CallTimeoutError (named `TimeoutError`), ConfigurationError
   */
  send<Name extends keyof Operations>(
    operation: Name,
    request: Operations[Name]['request'],
    options?: { timeoutMs?: number },
  ): Promise<Operations[Name]['answer']>;
  /** Ends the connections, and what is under way on them. */
  close(): void;
}

export interface DynamoDbOptions {
  /** Else from the environment, as of the first request. */
  credentials?: CredentialSource;
  /** Else from the environment. */
  address?: ServiceAddress;
  maxAttempts?: number;
  maxConnections?: number;
  /** Time after which a connection that is not used is left; by default before DynamoDB leaves it. */
  idleMaxMs?: number;
  /** From 0 to 1, for the delays before retries. */
  random?: () => number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 4;
const RETRY_BASE_MS = 25;
const MAX_CONNECTIONS = 64;
const CONTENT_TYPE = ['content-type', 'application/x-amz-json-1.0'] as const;

/** @throws ConfigurationError when no region is set */
export function createDynamoDb(options: DynamoDbOptions = {}): DynamoDb {
  const service = createSignedService({
    ...(options.address ?? serviceAddress('dynamodb')),
    service: 'dynamodb',
    maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS,
    retryBaseMs: RETRY_BASE_MS,
    maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
    idleMaxMs: options.idleMaxMs,
    random: options.random ?? Math.random,
    errorOf: jsonErrorOf,
    check: checkSum,
  });
  const credentials = options.credentials ?? rememberedEnvironment();
  return {
    async send(operation, request, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const answer = await service.ask({
        credentials,
        headers: [CONTENT_TYPE, ['x-amz-target', `DynamoDB_20120810.${operation}`]],
        body: JSON.stringify(request),
        timeoutMs,
      });
      return parseJson(answer) as never; // the service answers as its reference says
    },
    close: () => service.close(),
  };
}

/** DynamoDB says what its answer's bytes sum up to; a computer between may not. */
function checkSum({ headers, body }: HttpAnswer): void {
  const expected = headers['x-amz-crc32'];
  if (expected !== undefined && crc32(body) !== Number(expected))
    throw new BrokenAnswerError('its checksum is another than the service says');
}
