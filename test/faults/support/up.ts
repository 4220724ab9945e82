import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudAddress, findCloud } from '../../../src/cli/cloud/cloud-file.ts';
import { connectCloud, type RunningCloud } from '../../../src/cli/cloud/running-cloud.ts';

/** `turing up` in a process of its own. */
export interface Up {
  pid: number;
  address: CloudAddress;
  /** What its owner may ask of it. */
  owner: RunningCloud;
  port: number;
  /** Whether functions and the stream are processes of their own. */
  processes: boolean;
  /** As it was started: to do so again. */
  options: UpOptions;
  enginePid(): number;
  /** What the process wrote to stderr so far. */
  said(): string;
  /** Resolves when the process is gone. */
  ended: Promise<Ending>;
  signal(name: NodeJS.Signals): void;
}

export interface Ending {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  said: string;
}

const TURING = join(import.meta.dirname, '../../../bin/turing.ts');
/** Generous: nothing here is about speed. */
const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 10;

export interface UpOptions {
  dataDir: string;
  /** 0 for any. */
  port?: number;
  /** Whether functions and the stream are processes of their own. */
  processes?: boolean;
  /** Runs before it in the same process's place: `['unshare', '-m', 'sh', '-c', '… exec "$@"', 'sh']`. */
  prefix?: readonly string[];
  env?: Record<string, string>;
}

/** Starts it and waits until it says where it is. @throws where it ends instead, with what it said */
export async function startUp(options: UpOptions): Promise<Up> {
  const { ended, child, said } = spawnUp(options);
  const pid = child.pid ?? 0;
  let ending: Ending | undefined;
  void ended.then((how) => (ending = how));
  const file = join(options.dataDir, 'cloud.json');
  for (const deadline = Date.now() + START_LIMIT_MS; ; await sleep(LOOK_EVERY_MS)) {
    const address = findCloud(seenFrom(pid, options, file));
    if (address?.pid === pid) {
      return {
        pid,
        address,
        owner: connectCloud(address),
        port: Number(new URL(address.apiUrl).port),
        processes: options.processes === true,
        options,
        enginePid: () => Number(readFileSync(seenFrom(pid, options, join(options.dataDir, 'engine.pid')), 'utf8')),
        said,
        ended,
        signal: (name) => void child.kill(name),
      };
    }
    if (ending) throw new Error(`turing up ended with ${ending.exitCode ?? ending.signal}: ${ending.said}`);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`turing up did not start within ${START_LIMIT_MS} ms: ${said()}`);
    }
  }
}

/** Starts it where it is expected to refuse. @returns how it ended */
export function refusedUp(options: UpOptions): Promise<Ending> {
  const { ended, child } = spawnUp(options);
  const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  return ended.finally(() => clearTimeout(limit));
}

/** A process with mounts of its own sees other files by the same name: these are reached through it. */
function seenFrom(pid: number, options: UpOptions, path: string): string {
  return options.prefix === undefined ? path : `/proc/${pid}/root${path}`;
}

function spawnUp({ dataDir, port = 0, processes = false, prefix = [], env = {} }: UpOptions) {
  const flags = ['--port', String(port), '--data', dataDir, ...(processes ? ['--processes'] : [])];
  const command = [...prefix, process.execPath, TURING, 'up', ...flags];
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, said: text }));
  });
  return { child, ended, said: () => text };
}
