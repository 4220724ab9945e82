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
  /** Requests of each connection that have no answer yet. */
  const waiting = new WeakMap<Socket, number>();

  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: 60_000,
    },
    (request, response) => {
      const { socket } = request;
      const ahead = waiting.get(socket) ?? 0;
      waiting.set(socket, ahead + 1);
      response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
      response.once('finish', () => closeAfterwards(request, limits.lingerMs));
      if (ahead >= limits.pipelined)
        answerError(response, 503, 'ServiceUnavailable', 'Too many requests of this connection wait for their answers');
      else handle(request, response);
    },
  );
  // All are counted by their bytes. Beyond a number of headers Node would drop the rest without a word.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // With a request before it unanswered, the client would take this for the answer to that one.
    const unheard = !socket.writable || error.code === 'ECONNRESET' || (waiting.get(socket as Socket) ?? 0) > 0;
    if (unheard) socket.destroy();
    else socket.end(refusal(REFUSALS[error.code ?? ''] ?? '400 Bad Request'), () => socket.destroy());
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
