import type { Terminal } from '../terminal.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { createBreachTeller } from './tell-breaches.ts';

interface ToldLog extends LogFile {
  /** Tells on the terminal what the cloud says of its store: the log may be on the disk that is full. */
  notice: (line: string) => void;
}

/** Opens a cloud's log, of which breaches are told on the terminal as well. */
export function openToldLog(path: string, terminal: Pick<Terminal, 'note' | 'noteStyle'>): ToldLog {
  const file = openLogFile(path);
  const tellBreaches = createBreachTeller(terminal, path);
  return {
    ...file,
    write(line) {
      file.write(line);
      tellBreaches(line);
    },
    notice: (line) => terminal.note(`${terminal.noteStyle.bad('store')}  ${line}`),
  };
}
