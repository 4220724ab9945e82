import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

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
    super(`Cannot use the data folder "${path}": the local cloud of process ${pid} uses it. Stop that one, or choose another folder`);
    this.pid = pid;
  }
}

/** Opens `wanted`, or a temporary folder when it is undefined. Throws `DataInUseError` when another local cloud has it. */
export function openDataDir(wanted: string | undefined): DataDir {
  const path = wanted === undefined ? mkdtempSync(join(tmpdir(), 'turing-')) : resolve(wanted);
  mkdirSync(path, { recursive: true });
  const lockPath = join(path, 'cloud.lock');
  claim(path, lockPath);
  return {
    path,
    localSecret: readOrCreateSecret(join(path, 'local-secret')),
    release() {
      if (wanted === undefined) rmSync(path, { recursive: true, force: true });
      else rmSync(lockPath, { force: true });
    },
  };
}

function claim(path: string, lockPath: string): void {
  const mine = `${process.pid} ${startTime(process.pid)} ${randomBytes(8).toString('hex')}`;
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(lockPath, 'wx');
      writeSync(file, mine);
      closeSync(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid = '0', started = ''] = readLock(lockPath).split(' ');
    // A process id may have been given to another process since: the start time tells them apart.
    if (isAlive(Number(pid)) && startTime(Number(pid)) === started) throw new DataInUseError(path, Number(pid));
    if (attempt > 0) throw new Error(`Cannot use the data folder "${path}": its lock "${lockPath}" cannot be replaced`);
    rmSync(lockPath, { force: true });
  }
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
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}
