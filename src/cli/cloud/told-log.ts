import type { Terminal } from '../terminal.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { createBreachTeller } from './tell-breaches.ts';

/** Opens a cloud's log, of which breaches are told on the terminal as well. */
export function openToldLog(path: string, terminal: Pick<Terminal, 'note' | 'noteStyle'>): LogFile {
  const file = openLogFile(path);
  const tellBreaches = createBreachTeller(terminal, path);
  return {
    ...file,
    write(line) {
      file.write(line);
      tellBreaches(line);
    },
  };
}
