import type { IncomingMessage } from 'node:http';

/** A request's body; undefined when it is longer than the limit, and then the rest is read and dropped so that an answer can be given. */
export function readBody(request: IncomingMessage, limitBytes = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isWhole = false;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limitBytes) chunks.push(chunk);
    });
    request.once('end', () => {
      isWhole = true;
      if (length > limitBytes) resolve(undefined);
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.once('error', reject);
    // Every request is closed in the end: an error, with its stack, is made only for those that were broken off.
    request.once('close', () => {
      if (!isWhole) reject(new Error('The request was broken off'));
    });
  });
}
