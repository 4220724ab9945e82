import { spawn } from 'node:child_process';
import { join } from 'node:path';

const TURING = join(import.meta.dirname, '../../bin/turing.ts');

export interface Finished {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Turing {
  /** Waits until the process has written this to stdout; rejects when it ends before. */
  says(expected: RegExp): Promise<RegExpExecArray>;
  interrupt(): void;
  finished: Promise<Finished>;
}

/** Starts the real command line in a process of its own, without a terminal. */
export function startTuring(args: string[], env: Record<string, string> = {}): Turing {
  const child = spawn(process.execPath, [TURING, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const watch of watchers) watch();
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return {
    finished,
    interrupt: () => void child.kill('SIGINT'),
    says(expected) {
      return new Promise((resolve, reject) => {
        function watch(): void {
          const match = expected.exec(stdout);
          if (match === null) return;
          watchers.delete(watch);
          resolve(match);
        }
        watchers.add(watch);
        watch();
        void finished.then(() => reject(new Error(`turing ${args[0]} ended before it said ${expected}:\n${stderr}`)));
      });
    },
  };
}

export function turing(args: string[], env?: Record<string, string>): Promise<Finished> {
  return startTuring(args, env).finished;
}
