import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Engine {
  url: string;
  /** Ends the engine; resolves when its process is gone. */
  stop(): Promise<void>;
}

const startLimitMs = 10_000;
const stopLimitMs = 2_000;
const portAttempts = 5;

/**
 * Holds the engine as long as its own standard input is open, so that the engine ends with the local cloud
 * even when that is killed with -9. Its first line on standard output is the engine's process id.
 */
const keeper =
  '"$@" </dev/null & pid=$!; echo $pid; exec 1>&- 2>&-; read -r _; kill $pid 2>/dev/null; sleep 1; kill -9 $pid 2>/dev/null';

/**
 * Starts the embedded DynamoDB engine on a free port, with its database in `dataDir`. An engine left over
 * from a killed local cloud on the same directory is ended first.
 */
export async function startEngine(options: { dataDir: string; log(line: string): void }): Promise<Engine> {
  const pidFile = join(options.dataDir, 'engine.pid');
  await endStaleEngine(pidFile);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return await spawnEngine({ ...options, port, pidFile });
    } catch (error) {
      // Another process may have taken the port between our look and the engine's bind.
      if (attempt >= portAttempts) throw error;
    }
  }
}

async function spawnEngine(options: {
  dataDir: string;
  log(line: string): void;
  port: number;
  pidFile: string;
}): Promise<Engine> {
  const { dataDir, port, pidFile } = options;
  const url = `http://127.0.0.1:${port}`;
  const command = [binaryPath(), 'serve', '--port', String(port), '--db-path', join(dataDir, 'dynamodb.sqlite')];
  // Detached, so that Ctrl-C in the terminal reaches the local cloud alone and it can end things in order.
  const child = spawn('sh', ['-c', keeper, 'engine', ...command], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let enginePid: number | undefined;
  const exited = new Promise<void>((resolve) => child.stdout.once('close', resolve));
  const ready = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stdin.on('error', () => undefined); // the keeper is gone: `exited` tells
    const onData = (chunk: Buffer) => {
      output += chunk.toString();
      enginePid ??= output.includes('\n') ? Number.parseInt(output, 10) : undefined;
      if (output.includes('listening on')) resolve();
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    exited.then(
      () => reject(new Error(`Cannot start the DynamoDB engine: it ended at once, saying ${JSON.stringify(output)}`)),
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
    killQuietly(child, enginePid);
    throw error;
  }
  writeFileSync(pidFile, String(enginePid));
  let stopping = false;
  void exited.then(() => {
    if (!stopping) options.log(`The DynamoDB engine ended unexpectedly: ${output.slice(-500)}`);
  });
  return {
    url,
    async stop() {
      if (stopping) return exited;
      stopping = true;
      signal(enginePid, 'SIGTERM');
      await Promise.race([exited, sleep(stopLimitMs)]);
      killQuietly(child, enginePid);
      await exited;
      rmSync(pidFile, { force: true });
    },
  };
}

function killQuietly(child: ChildProcess, enginePid: number | undefined): void {
  signal(enginePid, 'SIGKILL');
  child.stdin?.destroy();
  child.kill('SIGKILL');
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined || Number.isNaN(pid)) return;
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

async function endStaleEngine(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  // Process ids are reused: only a process that is the engine is ended.
  if (commandLine(pid).includes('dynoxide')) {
    signal(pid, 'SIGKILL');
    for (const deadline = Date.now() + stopLimitMs; Date.now() < deadline && commandLine(pid).includes('dynoxide');)
      await sleep(10);
  }
  rmSync(pidFile, { force: true });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('Cannot find a free port')),
      );
    });
  });
}
