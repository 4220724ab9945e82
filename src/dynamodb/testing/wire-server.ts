import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

/** A request as it came over the wire. */
export interface WireRequest {
  /** First line, `POST / HTTP/1.1`. */
  line: string;
  headers: Record<string, string>;
  body: string;
  /** Number of the connection, from 1. */
  connection: number;
}

/** What to do about a request: bytes to answer with, or anything with the socket. */
export type Reply = (request: WireRequest, socket: Socket) => string | Buffer | void;

export interface WireServer {
  url: URL;
  requests: WireRequest[];
  /** All that were ever made, and those that stand. */
  connections(): number;
  open(): number;
  stop(): Promise<void>;
}

/** A server that answers with bytes, so that answers can be wrong in any way. Replies are used in order, the last for ever. */
export async function startWireServer(...replies: [Reply, ...Reply[]]): Promise<WireServer> {
  const requests: WireRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    const connection = (connections += 1);
    let received = '';
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [line = '', ...lines] = received.slice(0, end).split('\r\n');
      const headers = Object.fromEntries(lines.map((each) => each.split(/: (.*)/s).slice(0, 2) as [string, string]));
      const body = received.slice(end + 4);
      if (body.length < Number(headers['content-length'])) return;
      received = '';
      const request = { line, headers, body: Buffer.from(body, 'latin1').toString(), connection };
      requests.push(request);
      const reply = replies[Math.min(requests.length, replies.length) - 1] as Reply; // there is at least one
      const bytesToSend = reply(request, socket);
      if (bytesToSend !== undefined) socket.write(bytesToSend);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    requests,
    connections: () => connections,
    open: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An answer as DynamoDB gives it. */
export function answerOf(body: unknown, options: { status?: number; headers?: Record<string, string> } = {}): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'Content-Type': 'application/x-amz-json-1.0',
    'Content-Length': String(Buffer.byteLength(text)),
    'x-amzn-RequestId': 'request-1',
    'x-amz-crc32': String(crc32(text)),
    ...options.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${options.status ?? 200} Said\r\n${lines.join('')}\r\n${text}`;
}

export function errorAnswer(name: string, options: { status?: number; more?: object } = {}): string {
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: `Told: ${name}`, ...options.more };
  return answerOf(body, { status: options.status ?? 400 });
}
