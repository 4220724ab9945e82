import { Agent, type IncomingHttpHeaders, request as open } from 'node:http';

/** A request as it goes over the wire: nothing of it is normalised or added, but what HTTP cannot do without. */
export interface HttpRequest {
  method: string;
  /** Path and query, as sent. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Makes a function that sends requests to one server over connections it keeps. `fetch` would tidy up paths and refuse bodies. */
export function createHttp(baseUrl: string): { send(request: HttpRequest): Promise<HttpAnswer>; close(): void } {
  const { hostname, port } = new URL(baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  return {
    send: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
        const sending = open(
          { hostname, port, agent, method, path, headers: { ...length, ...headers } },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () =>
              resolve({
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                text: Buffer.concat(chunks).toString(),
              }),
            );
          },
        );
        sending.on('error', reject);
        sending.end(body);
      }),
    close: () => agent.destroy(),
  };
}
