import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

/** A file that text is added to, and that nobody depends on: what a full disk does not take is left out. */
export interface LogStream {
  write(text: string): void;
  close(): Promise<void>;
}

/** A file that cannot be written is tried again so often. */
const retryMs = 1_000;

/**
 * Opens a log, its owner's alone, with the first text.
 * @param options.afresh begins it anew, else it is continued
 * @param options.failed told why text was left out
 */
export function openLogStream(path: string, options: { afresh: boolean; failed?(error: unknown): void }): LogStream {
  let stream: WriteStream | undefined;
  let flags = options.afresh ? 'w' : 'a';
  let failedAtMs = Number.NEGATIVE_INFINITY;

  function open(): WriteStream | undefined {
    if (performance.now() - failedAtMs < retryMs) return undefined;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    } catch (error) {
      failedAtMs = performance.now();
      options.failed?.(error);
      return undefined;
    }
    const opened = createWriteStream(path, { flags, mode: 0o600 });
    flags = 'a';
    opened.on('error', (error) => {
      failedAtMs = performance.now();
      options.failed?.(error);
      if (stream === opened) stream = undefined;
    });
    return opened;
  }

  return {
    write(text) {
      stream ??= open();
      stream?.write(text);
    },
    close: () =>
      new Promise((resolve) => {
        if (stream === undefined) return resolve();
        stream.once('error', () => resolve());
        stream.end(resolve);
      }),
  };
}
