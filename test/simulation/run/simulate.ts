import { type ChildProcess, fork } from 'node:child_process';
import { addCoverage, type Coverage } from '../core/coverage.ts';
import type { SeedResult } from './run-seed.ts';
import type { Task } from './worker.ts';

export interface SimulationOptions {
  from: number;
  seeds: number;
  workers: number;
  /** Name of a bug to plant. */
  mutant?: string;
  /** Keeps the whole history of each seed, and returns it whether it failed or not. */
  keepLines?: boolean;
  /** Ends with the first seed that fails. */
  stopAtFailure?: boolean;
  /** Ends the processes when it is aborted. */
  stop?: AbortSignal;
  progress?: (progress: Progress) => void;
  /** Told of each history that failed, and with `keepLines` of all, as soon as it has come to its end. */
  told?: (result: SeedResult) => void;
}

export interface Progress {
  done: number;
  failed: number;
  /** All seeds below this one are done: a run that is broken off can go on here. */
  next: number;
}

export interface SimulationResult {
  done: number;
  /** By seed. */
  failures: SeedResult[];
  coverage: Coverage;
}

type Message = { failed: SeedResult } | { done: number; coverage: Coverage };

const NODE_OPTIONS = [
  // Many young objects die at once: with room for them most of the garbage collector's work does not arise.
  '--max-semi-space-size=64',
  // Much code runs now and then: it is compiled at its first call, and stays.
  '--always-sparkplug',
  '--no-flush-bytecode',
  '--disable-warning=ExperimentalWarning',
];

/** Runs seeds in processes of their own, side by side. @throws when a process ends before its work is done */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { from, seeds, mutant, keepLines = false, stopAtFailure = false, stop, progress, told } = options;
  const workers = Math.max(1, Math.min(options.workers, seeds));
  const result: SimulationResult = { done: 0, failures: [], coverage: {} };
  const children: ChildProcess[] = [];
  const next = Array.from({ length: workers }, (_, index) => from + index);
  const runs = Array.from({ length: workers }, (_, index) => {
    const count = Math.ceil((seeds - index) / workers);
    const task: Task = {
      from: from + index,
      step: workers,
      count,
      ...(mutant !== undefined && { mutant }),
      keepLines,
      stopAtFailure,
    };
    const child = fork(new URL('worker.ts', import.meta.url), {
      execArgv: NODE_OPTIONS,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (output += String(text)));
    let left = count;
    let stopped = false;
    child.on('message', (message: Message) => {
      if ('failed' in message) {
        result.failures.push(message.failed);
        told?.(message.failed);
        stopped ||= stopAtFailure;
        return;
      }
      left -= message.done;
      result.done += message.done;
      addCoverage(result.coverage, message.coverage);
      next[index] = (next[index] ?? 0) + message.done * workers;
      progress?.({ done: result.done, failed: result.failures.length, next: Math.min(...next) });
    });
    child.send(task);
    return new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      // What it has sent may be read after it has ended, but before its channel is closed.
      const channel = new Promise((closed) => child.once('disconnect', closed));
      child.once('exit', (code, signal) => {
        void channel.then(() => {
          if (stopped) for (const other of children) other.kill();
          if (left === 0 || (result.failures.length > 0 && stopAtFailure)) resolve();
          else reject(new Error(`A worker ended (${code ?? signal}) with ${left} seeds left: ${output.slice(-2_000)}`));
        });
      });
    });
  });
  stop?.addEventListener('abort', () => children.forEach((child) => child.kill()), { once: true });
  await Promise.all(runs);
  result.failures.sort((a, b) => a.seed - b.seed);
  return result;
}
