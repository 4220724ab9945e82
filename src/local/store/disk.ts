import { statfsSync } from 'node:fs';

/** What is known of the disk that a data folder is on: whether it is full, by what writes to it were answered. */
export interface Disk {
  /** Told how the engine answered a write. */
  answered(answer: { status: number; body: Buffer }): void;
  /** Told what went wrong with a file of the folder, whatever it is. */
  failed(error: unknown): void;
  /** @returns what says, later, whether a write was refused in between because the disk is full: a sentence, undefined where none was */
  mark(): () => string | undefined;
}

/** With less than this free it is still full, though a small write may find a place. */
const ROOM_BYTES = 1024 ** 2;
/** SQLite's words for SQLITE_FULL, which the engine passes on: `commit failed (backend: database or disk is full)`. */
const ENGINE_WORDS = 'database or disk is full';
const FILE_SYSTEM_CODE = 'ENOSPC';

/**
 * @param options.tell told once when the disk is found full, and once when a write finds room again
 * @param options.freeBytes of the disk, for tests
 */
export function createDisk(options: { folder: string; tell(line: string): void; freeBytes?: () => number }): Disk {
  const { folder, tell, freeBytes = () => freeIn(folder) } = options;
  const fault = `The disk of "${folder}" is full: free space on it`;
  let isFull = false;
  let refusals = 0;

  function refused(): void {
    refusals += 1;
    if (isFull) return;
    isFull = true;
    tell(`${fault}. Until then nothing new is kept; what was acknowledged is, and nothing has to be started again`);
  }
  return {
    answered({ status, body }) {
      if (status >= 500 && body.includes(ENGINE_WORDS)) refused();
      else if (isFull && status === 200 && freeBytes() >= ROOM_BYTES) {
        isFull = false;
        tell(`The disk of "${folder}" has room again`);
      }
    },
    failed(error) {
      if ((error as NodeJS.ErrnoException | null)?.code === FILE_SYSTEM_CODE) refused();
    },
    mark() {
      const before = refusals;
      return () => (refusals > before ? fault : undefined);
    },
  };
}

function freeIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
