import { openLogStream } from '../../local/log-stream.ts';

export interface LogFile {
  write: (line: string) => void;
  close(): Promise<void>;
}

/** A file for what the cloud and its functions say, started afresh with the first line. */
export function openLogFile(path: string): LogFile {
  const { write, close } = openLogStream(path, { afresh: true });
  return { write: (line) => write(line.endsWith('\n') ? line : `${line}\n`), close };
}
