import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds since a process's start, by `process/thread`; threads of one name are added up. */
export type CpuByThread = Record<string, number>;

/** Ticks of user and system time in /proc are hundredths of a second on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;
/** Linux cuts a thread's name off after this many characters. */
const COMM_LENGTH = 15;

/**
 * Reads the CPU time of this process and all below it. Linux only: elsewhere nothing is known, and the result is empty.
 * @param options.without process ids left out, with all below them: the generator of the load, for example
 */
export function cpuByThread(options: { without?: readonly number[] } = {}): CpuByThread {
  const times: CpuByThread = {};
  for (const pid of processTree(process.pid, options.without ?? [])) {
    const owner = pid === process.pid ? 'main' : commOf(`/proc/${pid}`);
    for (const task of list(`/proc/${pid}/task`)) {
      const path = `/proc/${pid}/task/${task}`;
      const name = `${owner}/${threadName(commOf(path))}`;
      times[name] = (times[name] ?? 0) + cpuSeconds(path);
    }
  }
  return times;
}

/** CPU seconds of each thread between two readings, most first; what used nothing is left out. */
export function cpuBetween(before: CpuByThread, after: CpuByThread): CpuByThread {
  const used = Object.entries(after)
    .map(([name, seconds]) => [name, Math.round((seconds - (before[name] ?? 0)) * 100) / 100] as const)
    .filter(([, seconds]) => seconds > 0)
    .toSorted(([, a], [, b]) => b - a);
  return Object.fromEntries(used);
}

export function cpuTotal(times: CpuByThread): number {
  return Object.values(times).reduce((sum, seconds) => sum + seconds, 0);
}

/**
 * Greatest resident memory of a process and of all below it, each at its own peak, in bytes.
 * @param options.root this process if absent
 */
export function peakMemoryBytes(options: { root?: number; without?: readonly number[] } = {}): number {
  return processTree(options.root ?? process.pid, options.without ?? []).reduce((sum, pid) => {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
    return sum + Number(peak ?? 0) * 1024;
  }, 0);
}

function processTree(root: number, without: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of list('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statFields(`/proc/${pid}`)[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (without.includes(pid)) continue;
    found.push(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Functions' threads bear the function's name, of which Linux keeps four letters behind the stack's. */
function threadName(comm: string): string {
  return comm.length === COMM_LENGTH && comm.startsWith('TuringCore-') ? `${comm.slice('TuringCore-'.length)}…` : comm;
}

function cpuSeconds(path: string): number {
  // After the name and the state, user and system time are the 14th and 15th fields of proc(5).
  const fields = statFields(path);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** The fields of a stat file after the name, which may hold spaces and brackets. */
function statFields(path: string): string[] {
  const text = read(`${path}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function commOf(path: string): string {
  return read(`${path}/comm`).trim();
}

/** Processes come and go while they are looked at: one that is gone is empty. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
