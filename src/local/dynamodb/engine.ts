import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineProcess, signal, startEngineProcess } from './engine-process.ts';
import { DATABASE } from '../store/contents.ts';
import { saying, supervise } from '../supervise.ts';

export interface Engine {
  /** Stays the same when the engine's process is replaced. */
  url: string;
  /** Ends the engine; resolves when its process is gone. */
  stop(): Promise<void>;
}

interface Options {
  dataDir: string;
  log(line: string): void;
  /** Told after each restart: what was under way is lost, what was acknowledged is there. */
  restarted?(): void;
  /** Told once, when the engine ends again and again and is no longer restarted. */
  gaveUp?(error: Error): void;
}

const portAttempts = 5;
const staleLimitMs = 2_000;

/**
 * Starts the embedded DynamoDB engine on a free port, with its database in `dataDir`, and starts it again on the same
 * port and file when its process ends unasked. An engine left over from a killed local cloud on the same directory is
 * ended first.
 */
export async function startEngine(options: Options): Promise<Engine> {
  const { dataDir, log } = options;
  const pidFile = join(dataDir, 'engine.pid');
  const databasePath = join(dataDir, DATABASE);
  await endStaleEngine(pidFile);
  const { port, first } = await startOnFreePort(databasePath);
  const noted = (started: EngineProcess): EngineProcess => {
    writeFileSync(pidFile, String(started.pid), { mode: 0o600 });
    return started;
  };
  const supervised = supervise({
    what: 'The DynamoDB engine',
    first: noted(first),
    start: async () => noted(await startEngineProcess({ port, databasePath })),
    log,
    restarted: () => options.restarted?.(),
    gaveUp: (lastWords) =>
      options.gaveUp?.(
        new Error(
          `The DynamoDB engine ends again and again${saying(lastWords)}. See whether "${dataDir}" can be written and has room`,
        ),
      ),
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await supervised.stop();
      rmSync(pidFile, { force: true });
    },
  };
}

async function startOnFreePort(databasePath: string): Promise<{ port: number; first: EngineProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { port, first: await startEngineProcess({ port, databasePath }) };
    } catch (error) {
      // Another process may have taken the port between our look and the engine's bind.
      if (attempt >= portAttempts) throw error;
    }
  }
}

async function endStaleEngine(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  // Process ids are reused: only a process that is the engine is ended.
  if (commandLine(pid).includes('dynoxide')) {
    signal(pid, 'SIGKILL');
    for (const deadline = Date.now() + staleLimitMs; Date.now() < deadline && commandLine(pid).includes('dynoxide');)
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
