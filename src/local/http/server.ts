import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerError } from './answers.ts';
import type { HttpLimits } from './limits.ts';

/** Answers to what is no request that could be handled, by the parser's error. Anything else is a bad request. */
const REFUSALS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
};

/** A server of bounded patience and memory, whoever the clients are. */
export function createBoundedServer(
  limits: HttpLimits,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  /** Answers of each connection that are not given yet, in the order of their requests. */
  const waiting = new WeakMap<Socket, Set<ServerResponse>>();

  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: 60_000,
    },
    (request, response) => {
      const answers = waiting.get(request.socket) ?? new Set();
      waiting.set(request.socket, answers.add(response));
      response.once('close', () => answers.delete(response));
      response.once('finish', () => closeAfterwards(request, limits.lingerMs));
      if (request.httpVersionMajor !== 1) answerError(response, 400, 'ValidationError', 'This is no HTTP/1');
      else if (answers.size > limits.pipelined)
        answerError(response, 503, 'ServiceUnavailable', 'Too many requests of this connection wait for their answers');
      else handle(request, response);
    },
  );
  // All are counted by their bytes. Beyond a number of headers Node would drop the rest without a word.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  server.timeout = limits.idleMs;
  server.on('timeout', (socket: Socket) => {
    // Nothing comes and nothing goes. While an answer is being made it is not the client who is slow.
    const isBusy = [...(waiting.get(socket) ?? [])].some((answer) => !answer.writableEnded);
    if (isBusy) socket.setTimeout(limits.idleMs);
    else socket.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // While a request before it has no answer, the client would take this one for that.
    const [first, ...others] = waiting.get(socket) ?? [];
    const isHeard = first === undefined || (others.length === 0 && !first.headersSent && !first.req.complete);
    if (isHeard && socket.writable && error.code !== 'ECONNRESET')
      socket.end(refusal(REFUSALS[error.code ?? ''] ?? '400 Bad Request'), () => socket.destroy());
    else socket.destroy();
  });
  return server;
}

function refusal(status: string): string {
  const body = JSON.stringify({ message: status.slice(4) });
  return [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** An answer that did not wait for all of its request reaches the client only while the rest is read: but not for ever. */
function closeAfterwards(request: IncomingMessage, lingerMs: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), lingerMs);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
