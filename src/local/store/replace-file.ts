import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file of its owner alone, whole or not at all, in the place of what is there. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, content, { mode: 0o600, flush: true });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
