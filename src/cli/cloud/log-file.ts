import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  path: string;
  write: (line: string) => void;
  close(): Promise<void>;
}

/** A file for what the cloud and its functions say, started afresh. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  const stream = createWriteStream(path);
  return {
    path,
    write: (line) => void stream.write(line.endsWith('\n') ? line : `${line}\n`),
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
