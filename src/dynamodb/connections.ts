import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Deadline } from './deadline.ts';

/** Kept connections to one endpoint, each for one request at a time. */
export interface Connections {
  /**
   * Sends a request and reads the answer whole.
   * @throws ConnectionLostError, BrokenAnswerError, CallTimeoutError: what became of the request is unknown
   */
  exchange(request: HttpRequest, deadline: Deadline): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpRequest {
  method: string;
  /** Path and query, escaped. */
  target: string;
  /** Names and values in turn, all of them: with `host`, and `content-length` where there is a body. */
  headers: readonly string[];
  body: string;
}

export interface HttpAnswer {
  status: number;
  /** Names in small letters. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
}

/** The connection could not be made, or ended before the answer did. */
export class ConnectionLostError extends Error {
  /** Whether it had been kept from an earlier request and ended before a byte of the answer: the peer's patience was over. */
  readonly stale: boolean;
  constructor(message: string, options: { stale?: boolean; cause?: unknown } = {}) {
    const reason = options.cause instanceof Error ? `: ${options.cause.message}` : '';
    super(`${message}${reason}`, { cause: options.cause });
    this.name = 'ConnectionLostError';
    this.stale = options.stale ?? false;
  }
}

/** An answer that breaks the protocol. What becomes of the request is as unknown as after no answer at all. */
export class BrokenAnswerError extends Error {
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(`Cannot read the answer: ${reason}`, options);
    this.name = 'BrokenAnswerError';
  }
}

/**
 * Kept connections are left before DynamoDB leaves them, which it was seen to do after 60 s; sooner where an endpoint says
 * less in `Keep-Alive`.
 * @see https://github.com/aws/aws-sdk-java/issues/1365
 */
const IDLE_MAX_MS = 50_000;
/** DynamoDB's answers take 16 MB at most. */
const BODY_MAX_BYTES = 64 * 1024 * 1024;

export function createConnections(options: { endpoint: URL; maxConnections: number; idleMaxMs?: number }): Connections {
  const { endpoint, maxConnections, idleMaxMs = IDLE_MAX_MS } = options;
  const isSecure = endpoint.protocol === 'https:';
  // Not by `import`: that evaluates all that node:http exports, undici among it, which takes 50 ms of CPU.
  const { Agent, request: open }: Pick<typeof import('node:http'), 'Agent' | 'request'> = process.getBuiltinModule(
    isSecure ? 'node:https' : 'node:http',
  );
  /** Bytes that a connection had brought when its last answer was whole: 0 when it was made, undefined before. */
  const settledBytes = new WeakMap<Socket, number>();

  class NotingAgent extends Agent {
    override createConnection(...args: Parameters<InstanceType<typeof Agent>['createConnection']>): Socket {
      const socket = super.createConnection(...args) as Socket; // made at once, there is no proxy
      return socket.once(isSecure ? 'secureConnect' : 'connect', () => settledBytes.set(socket, 0));
    }
  }

  // What it does by itself: no delay of small writes, and the connection used last first, so that those that are too many
  // for the load grow old.
  const agent = new NotingAgent({ keepAlive: true, maxSockets: maxConnections, timeout: idleMaxMs });
  const peer: RequestOptions = {
    agent,
    host: endpoint.hostname.replace(/^\[|\]$/g, ''), // an IPv6 address stands in brackets
    ...(endpoint.port !== '' && { port: endpoint.port }),
  };

  return {
    exchange: ({ method, target, headers, body }, deadline) =>
      new Promise((resolve, reject) => {
        const request = open({ ...peer, method, path: target, headers });
        let response: IncomingMessage | undefined;
        let isSettled = false;
        const settle = (): void => {
          isSettled = true;
          deadline.onEnd(undefined);
        };
        const fail = (error: Error): void => {
          if (isSettled) return;
          settle();
          request.destroy();
          reject(error);
        };
        const lost = (cause?: Error): void => {
          const { socket } = request;
          const before = socket ? settledBytes.get(socket) : undefined;
          if (before === undefined) return fail(new ConnectionLostError('Cannot connect', { cause }));
          // More than the agent's `reusedSocket`, which leaves out what waited for a connection.
          const stale = before > 0 && socket?.bytesRead === before;
          fail(new ConnectionLostError('The connection was lost before the answer', { stale, cause }));
        };
        request.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code?.startsWith('HPE_')) fail(new BrokenAnswerError(error.message, { cause: error }));
          else lost(error);
        });
        // An answer that is whole may have its end still to come.
        request.on('close', () => {
          if (response?.complete !== true) lost();
        });
        request.on('response', (incoming) => {
          response = incoming;
          const { statusCode: status = 0, socket } = incoming;
          const told = incoming.headers as HttpAnswer['headers']; // only set-cookie would be a list
          if (told['content-length'] === undefined && told['transfer-encoding'] !== 'chunked')
            return fail(new BrokenAnswerError('it has no length, and cannot be told from a torn one'));
          const parts: Buffer[] = [];
          let size = 0;
          incoming.on('data', (part: Buffer) => {
            parts.push(part);
            size += part.length;
            if (size > BODY_MAX_BYTES) fail(new BrokenAnswerError(`it is longer than ${BODY_MAX_BYTES} bytes`));
          });
          incoming.on('end', () => {
            if (isSettled || !incoming.complete) return;
            settle();
            settledBytes.set(socket, socket.bytesRead);
            resolve({ status, headers: told, body: Buffer.concat(parts) });
          });
        });
        deadline.onEnd(fail);
        request.end(body); // with the head in one write, because it is text
      }),
    close: () => agent.destroy(),
  };
}
