import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  write: (line: string) => void;
  close(): Promise<void>;
}

/** A file for what the cloud and its functions say, started afresh with the first line. */
export function openLogFile(path: string): LogFile {
  let stream: WriteStream | undefined;

  function open(): WriteStream {
    mkdirSync(dirname(path), { recursive: true });
    return createWriteStream(path, { mode: 0o600 });
  }
  return {
    write(line) {
      stream ??= open();
      stream.write(line.endsWith('\n') ? line : `${line}\n`);
    },
    close: () => new Promise((resolve) => (stream === undefined ? resolve() : stream.end(resolve))),
  };
}
