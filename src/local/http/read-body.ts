import type { IncomingMessage } from 'node:http';
import type { ByteShare } from './byte-budget.ts';

/** There is no room for a body at the moment. */
export class NoRoomError extends Error {}

/**
 * A request's body; undefined as soon as it is longer than the limit, and then the rest is read and dropped.
 * @throws NoRoomError when the share has no room for it
 */
export function readBody(
  request: IncomingMessage,
  limitBytes = Number.POSITIVE_INFINITY,
  share?: ByteShare,
): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isOver = false;
    const giveUp = () => {
      isOver = true;
      chunks.length = 0;
    };
    request.on('data', (chunk: Buffer) => {
      if (isOver) return;
      length += chunk.length;
      if (length > limitBytes) {
        giveUp();
        resolve(undefined);
      } else if (share?.take(chunk.length) === false) {
        giveUp();
        reject(new NoRoomError('Too many bodies are being handled'));
      } else chunks.push(chunk);
    });
    request.once('end', () => {
      if (isOver) return;
      isOver = true;
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.once('error', reject);
    // Every request is closed in the end: an error, with its stack, is made only for those that were broken off.
    request.once('close', () => {
      if (!isOver) reject(new Error('The request was broken off'));
    });
  });
}
