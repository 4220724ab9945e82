import type { ServerResponse } from 'node:http';

export function answerError(response: ServerResponse, status: number, error: string, message: string): void {
  const body = JSON.stringify({ error, message });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...((status === 429 || status === 503) && { 'retry-after': '1' }),
  });
  response.end(body);
}
