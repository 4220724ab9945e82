import { type Dispatcher, Pool } from 'undici';

export interface EngineAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Kept connections to the engine. */
export interface EngineClient {
  send(request: { path: string; method: string; headers: Record<string, string>; body: Buffer }): Promise<EngineAnswer>;
  stop(): Promise<void>;
}

const maxConnections = 64;
/** Headers of the engine that clients may use; the rest is the engine's own business. */
const passedHeaders = ['content-type', 'x-amzn-requestid', 'x-amz-crc32'] as const;

export function createEngineClient(engineUrl: string): EngineClient {
  const pool = new Pool(engineUrl, { connections: maxConnections, pipelining: 1, keepAliveTimeout: 60_000 });
  return {
    // The bare dispatcher, since a stream for each answer would cost as much as all the rest.
    send: ({ path, method, headers, body }) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const answer: EngineAnswer = { status: 0, headers: {}, body: Buffer.alloc(0) };
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart() {},
          onResponseStart(_controller, statusCode, received) {
            answer.status = statusCode;
            for (const name of passedHeaders) {
              const value = received[name];
              if (typeof value === 'string') answer.headers[name] = value;
            }
          },
          onResponseData(_controller, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            answer.body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
            resolve(answer);
          },
          onResponseError(_controller, error) {
            reject(error);
          },
        };
        pool.dispatch({ path, method, headers, body }, handler);
      }),
    stop: () => pool.destroy(),
  };
}
