import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { AnswerReader, type HttpAnswer } from './answer-reader.ts';
import type { Deadline } from './deadline.ts';

/** Kept connections to one endpoint, each for one request at a time. */
export interface Connections {
  /**
   * Sends the text of a request and reads the answer.
   * @throws ConnectionLostError, BrokenAnswerError, CallTimeoutError: what became of the request is unknown
   */
  exchange(request: string, deadline: Deadline): Promise<HttpAnswer>;
  close(): void;
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

interface Exchange {
  request: string;
  deadline: Deadline;
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

/** How long a connection may be silent before the system asks the peer whether it is still there. */
const KEEP_ALIVE_AFTER_MS = 1_000;

/**
 * Own code over sockets, because a call's HTTP is most of its CPU otherwise: 33 µs here, 60 to 80 with undici, 90 to 130 with
 * node:http; and a cold start would load 280 KB of undici, or 45 ms of node:http.
 */
export function createConnections(options: { endpoint: URL; maxConnections: number }): Connections {
  const { endpoint, maxConnections } = options;
  const all = new Set<Connection>();
  const idle: Connection[] = [];
  const waiting: Exchange[] = [];

  const free = (connection: Connection): void => {
    const next = waiting.shift();
    if (next) connection.begin(next);
    else {
      connection.rest();
      idle.push(connection);
    }
  };
  const gone = (connection: Connection): void => {
    if (!all.delete(connection)) return;
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    const next = waiting.shift();
    if (next) open().begin(next);
  };
  const open = (): Connection => {
    const connection = new Connection(endpoint, { free, gone });
    all.add(connection);
    return connection;
  };

  return {
    exchange: (request, deadline) =>
      new Promise((resolve, reject) => {
        const exchange: Exchange = { request, deadline, resolve, reject };
        // The one used last: those that are too many for the load grow old and are closed by the peer.
        const connection = idle.pop() ?? (all.size < maxConnections ? open() : undefined);
        if (connection) return connection.begin(exchange);
        waiting.push(exchange);
        deadline.onEnd((error) => {
          waiting.splice(waiting.indexOf(exchange), 1);
          reject(error);
        });
      }),
    close() {
      for (const connection of all) connection.end();
    },
  };
}

interface Pool {
  /** It can take another exchange. */
  free(connection: Connection): void;
  /** It has ended. */
  gone(connection: Connection): void;
}

function connect({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, ''); // an IPv6 address stands in brackets
  if (protocol === 'http:') return connectTcp({ host, port: Number(port || 80) });
  // Loaded where it is needed: it takes 15 ms.
  const tls = process.getBuiltinModule('node:tls');
  return tls.connect({ host, port: Number(port || 443), ...(isIP(host) === 0 && { servername: host }) });
}

class Connection {
  readonly #socket: Socket;
  readonly #pool: Pool;
  #current: Exchange | undefined;
  #reader: AnswerReader | undefined;
  /** Whether it has carried an exchange to its end. */
  #used = false;
  #connected = false;
  #answering = false;

  constructor(endpoint: URL, pool: Pool) {
    const socket = connect(endpoint);
    this.#socket = socket;
    this.#pool = pool;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
    socket.once(endpoint.protocol === 'https:' ? 'secureConnect' : 'connect', () => (this.#connected = true));
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('end', () => this.#fail());
    socket.on('close', () => this.#fail());
  }

  begin(exchange: Exchange): void {
    this.#current = exchange;
    this.#reader = new AnswerReader();
    this.#answering = false;
    this.#socket.ref();
    exchange.deadline.onEnd((error) => this.#settle(error));
    if (this.#current === exchange) this.#socket.write(exchange.request);
  }

  /** Kept, but no reason for the process to go on. */
  rest(): void {
    this.#socket.unref();
  }

  end(): void {
    this.#settle(new ConnectionLostError('The connection was closed on this side'));
  }

  #receive(bytes: Buffer): void {
    // Nobody asked: nothing that comes on this connection can be trusted to be an answer.
    if (this.#current === undefined || this.#reader === undefined) return this.#settle(undefined);
    this.#answering = true;
    let answer: HttpAnswer | undefined;
    try {
      answer = this.#reader.push(bytes);
    } catch (error) {
      return this.#settle(error as Error); // the reader throws nothing else
    }
    if (answer === undefined) return;
    const { resolve, deadline } = this.#current;
    deadline.onEnd(undefined);
    this.#current = undefined;
    this.#reader = undefined;
    this.#used = true;
    if (answer.reusable) this.#pool.free(this);
    else this.#settle(undefined);
    resolve(answer);
  }

  #fail(cause?: Error): void {
    if (!this.#connected) return this.#settle(new ConnectionLostError('Cannot connect', { cause }));
    const stale = this.#used && !this.#answering;
    this.#settle(new ConnectionLostError('The connection was lost before the answer', { stale, cause }));
  }

  /** Ends the connection, and with it the exchange under way. */
  #settle(error: Error | undefined): void {
    const current = this.#current;
    this.#current = undefined;
    this.#reader = undefined;
    this.#socket.destroy();
    this.#pool.gone(this);
    if (current === undefined) return;
    current.deadline.onEnd(undefined);
    current.reject(error ?? new ConnectionLostError('The connection was lost'));
  }
}
