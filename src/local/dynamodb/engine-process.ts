import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** One process of the embedded engine, from its start to its end. */
export interface EngineProcess {
  pid: number;
  label: string;
  /** Resolves when the process is gone, with the last it said. */
  ended: Promise<string>;
  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void>;
}

const startLimitMs = 10_000;
const stopLimitMs = 2_000;
const lastWordsLength = 500;

/**
 * Holds the engine as long as its own standard input is open, so that the engine ends with the local cloud
 * even when that is killed with -9. Its first line on standard output is the engine's process id. What the engine
 * writes is a bank's data: its owner's alone.
 */
const keeper =
  'umask 077; "$@" </dev/null & pid=$!; echo $pid; exec 1>&- 2>&-; read -r _; kill $pid 2>/dev/null; sleep 1; kill -9 $pid 2>/dev/null';

/** Starts the engine on a port, with a database file that it makes if there is none. Resolves when it listens. */
export async function startEngineProcess(options: { port: number; databasePath: string }): Promise<EngineProcess> {
  const command = [binaryPath(), 'serve', '--port', String(options.port), '--db-path', options.databasePath];
  // Detached, so that Ctrl-C in the terminal reaches the local cloud alone and it can end things in order.
  const child = spawn('sh', ['-c', keeper, 'engine', ...command], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let pid: number | undefined;
  let isGone = false;
  const ended = new Promise<string>((resolve) =>
    child.stdout.once('close', () => {
      isGone = true;
      child.kill('SIGKILL'); // the keeper has nothing left to keep
      resolve(lastWords(output));
    }),
  );
  const ready = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stdin.on('error', () => undefined); // the keeper is gone: `ended` tells
    const onData = (chunk: Buffer) => {
      output += chunk.toString();
      pid ??= output.includes('\n') ? Number.parseInt(output, 10) : undefined;
      if (output.includes('listening on')) resolve();
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    ended.then(
      (said) => reject(new Error(`Cannot start the DynamoDB engine: it ended at once, saying ${JSON.stringify(said)}`)),
      reject,
    );
    setTimeout(
      () => reject(new Error(`Cannot start the DynamoDB engine: no answer within ${startLimitMs} ms`)),
      startLimitMs,
    ).unref();
  });
  try {
    await ready;
  } catch (error) {
    if (!isGone) killQuietly(child, pid);
    throw error;
  }
  return {
    pid: pid ?? 0,
    label: `process ${pid}`,
    ended,
    async stop() {
      // The id of a process that is gone may be another's.
      if (!isGone) signal(pid, 'SIGTERM');
      await Promise.race([ended, sleep(stopLimitMs)]);
      if (!isGone) killQuietly(child, pid);
      await ended;
    },
  };
}

/** What it said beyond its process id and its address, which it says each time. */
function lastWords(output: string): string {
  const told = output.split('\n').filter((line) => !/^\d+$/.test(line) && !line.includes('listening on'));
  return told.join('\n').trim().slice(-lastWordsLength);
}

function killQuietly(child: ChildProcess, pid: number | undefined): void {
  signal(pid, 'SIGKILL');
  child.stdin?.destroy();
  child.kill('SIGKILL');
}

/** Sends a signal to a process that may be gone. */
export function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined || Number.isNaN(pid) || pid <= 0) return;
  try {
    process.kill(pid, name);
  } catch {
    // Already gone.
  }
}

function binaryPath(): string {
  const platform = `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const path = join(
      dirname(require.resolve(`@dynoxide/${platform}/package.json`)),
      process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide',
    );
    if (existsSync(path)) return path;
  } catch {
    // Told below, with what to do.
  }
  throw new Error(
    `Cannot find the embedded DynamoDB engine for "${platform}". Run "npm ci" again, or set DYNAMODB_ENDPOINT to any DynamoDB-compatible server`,
  );
}
