import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createFileSync } from './create-file.ts';
import { keepToOwner } from './keep-to-owner.ts';
import { checkContents } from './store/contents.ts';
import { writingTo } from './store/store-error.ts';

/** The folder that holds everything a local cloud keeps, used by one local cloud at a time. */
export interface DataDir {
  path: string;
  /** Random text by which other processes of the same owner reach the running local cloud. */
  localSecret: string;
  /** Ends the claim; a temporary folder is removed. */
  release(): void;
}

/** Another local cloud runs on the folder. */
export class DataInUseError extends Error {
  readonly code = 'DATA_IN_USE';
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(
      `Cannot use the data folder "${path}": the local cloud of process ${pid} uses it. Stop that one, or choose another folder`,
    );
    this.pid = pid;
  }
}

/**
 * Opens `wanted`, or a temporary folder (in memory where there is room) when it is undefined.
 * @param options.embedded whether the tables are kept there too
 * @throws DataInUseError when another local cloud has it, StoreError when it cannot be used as it is
 */
export function openDataDir(wanted: string | undefined, options: { embedded: boolean } = { embedded: true }): DataDir {
  const path = wanted === undefined ? makeTemporary() : resolve(wanted);
  const lockPath = join(path, 'cloud.lock');
  writingTo(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    claim(path, lockPath);
  });
  try {
    checkContents(path, options);
    keepToOwner(path);
    const localSecret = writingTo(path, () => readOrCreateSecret(join(path, 'local-secret')));
    return {
      path,
      localSecret,
      release() {
        if (wanted === undefined) rmSync(path, { recursive: true, force: true });
        else rmSync(lockPath, { force: true });
      },
    };
  } catch (error) {
    rmSync(lockPath, { force: true });
    throw error;
  }
}

const temporaryPrefix = 'turing-cloud-';

function makeTemporary(): string {
  const root = temporaryRoot();
  // What killed local clouds left behind is memory or disk that nobody else would free.
  for (const name of readdirSync(root).filter((entry) => entry.startsWith(temporaryPrefix))) {
    const lock = readLock(join(root, name, 'cloud.lock'));
    if (lock !== '' && ownerOf(lock) === undefined) rmSync(join(root, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(root, temporaryPrefix));
}

/** Room that a temporary folder in memory must find: the demo at its default size takes a tenth of it. */
const roomInMemoryBytes = 2 * 1024 ** 3;

/**
 * Temporary data needs no disk: the engine waits for the disk at each write, which in memory is 5 times faster
 * (measured: 1,000 and 5,000 puts of 1 KB a second).
 */
function temporaryRoot(): string {
  const inMemory = '/dev/shm';
  try {
    accessSync(inMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(inMemory);
    if (bavail * bsize >= roomInMemoryBytes) return inMemory;
  } catch {
    // No such file system here.
  }
  return tmpdir();
}

function claim(path: string, lockPath: string): void {
  const mine = `${process.pid} ${startTime(process.pid)} ${randomBytes(8).toString('hex')}`;
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(lockPath, 'wx', 0o600);
      writeSync(file, mine);
      closeSync(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(readLock(lockPath));
    if (owner !== undefined) throw new DataInUseError(path, owner);
    if (attempt > 0) throw new Error(`Cannot use the data folder "${path}": its lock "${lockPath}" cannot be replaced`);
    rmSync(lockPath, { force: true });
  }
}

/** Process that holds a lock; undefined when it has ended. A process id may be another's by now: the start time tells them apart. */
function ownerOf(lock: string): number | undefined {
  const [pid = '0', started = ''] = lock.split(' ');
  return isAlive(Number(pid)) && startTime(Number(pid)) === started ? Number(pid) : undefined;
}

function readLock(lockPath: string): string {
  try {
    return readFileSync(lockPath, 'utf8');
  } catch {
    return ''; // released meanwhile
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a process in clock ticks since the machine's start; empty where there is no /proc. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function readOrCreateSecret(path: string): string {
  if (!existsSync(path)) createFileSync(path, randomBytes(24).toString('base64url'));
  return readFileSync(path, 'utf8');
}
