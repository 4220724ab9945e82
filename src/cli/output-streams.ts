import { codeOf } from './cli-error.ts';

/** What a stream says once nobody reads it any more: the first write that found out, and those after it. */
const READER_GONE = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/**
 * Lets a reader go away early (`turing openapi | head`): the command goes on to its own end and exit code, and what it
 * still says goes nowhere. Any other failure, such as a full disk, is told to `failed`.
 */
export function tolerateGoneReader(stream: NodeJS.WritableStream, failed: (error: Error) => void): void {
  stream.on('error', (error: Error) => {
    if (!READER_GONE.has(codeOf(error) ?? '')) failed(error);
  });
}

/** Resolves when everything that was written has reached the reader, however slow, or the reader is gone. */
export function drained(stream: NodeJS.WritableStream): Promise<void> {
  // Writes end in order. The callback also tells of a reader that is gone, which is all that this waits for.
  return new Promise((resolve) => void stream.write('', () => resolve()));
}
