import { readFileSync } from 'node:fs';

/** Watches how much memory processes hold, from outside. */
export interface MemoryWatch {
  /** The most that was seen, in bytes, by name. */
  most(): Record<string, number>;
  stop(): void;
}

const EVERY_MS = 200;

/** @param pids gives a process id for each name; a process may be replaced by another */
export function watchMemory(pids: Record<string, () => number>): MemoryWatch {
  const most: Record<string, number> = {};
  const look = (): void => {
    for (const [name, pidOf] of Object.entries(pids)) most[name] = Math.max(most[name] ?? 0, residentBytes(pidOf()));
  };
  look();
  const timer = setInterval(look, EVERY_MS);
  return {
    most: () => ({ ...most }),
    stop: () => clearInterval(timer),
  };
}

/** Resident set of a process; 0 for one that is gone. */
export function residentBytes(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1_024;
  } catch {
    return 0;
  }
}
