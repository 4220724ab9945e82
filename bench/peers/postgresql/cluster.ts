import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A PostgreSQL server of the benchmark's own, reached by a socket that only its user reaches. */
export interface Cluster {
  /** Version and settings. */
  setting: string;
  bin: (program: string) => string;
  /** Arguments that lead a client program to the server. */
  server: readonly string[];
  url(database: string): string;
  createDatabase(name: string): Promise<void>;
  /** Runs a script. @returns what it prints, fields separated by `|` @throws with PostgreSQL's words */
  sql(database: string, script: string, variables?: Record<string, string | number>): Promise<string>;
  stop(): Promise<void>;
}

/** Where Debian's packages, and those of apt.postgresql.org, put each version's programs. */
const VERSIONS = '/usr/lib/postgresql';
const INSTALL_HINT = 'On Debian and Ubuntu: apt-get install -y postgresql (bench/peers/README.md)';
const SUPERUSER = 'postgres';
/** What the package makes for the server, which refuses to run as root. */
const SYSTEM_USER = 'postgres';
const PORT = 5432; // only the name of a file in the socket's folder
const START_LIMIT_MS = 20_000;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Durable to the letter, and else as one would set it for such a load on a machine that it has to itself: memory for the whole
 * database, no checkpoint in the middle, no log for replicas that are not there, no compiling of short statements.
 */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '1GB',
  max_wal_size: '16GB',
  checkpoint_timeout: '30min',
  wal_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '200',
  jit: 'off',
};

/** Holds the server as long as its own standard input is open: it ends with the benchmark, at once and in order, even when that is killed. */
const KEEPER = '"$@" </dev/null & pid=$!; read -r _; kill -INT $pid; wait $pid';

/** @throws where the server is not installed or cannot be started, saying what to do */
export async function startCluster(dataDir: string): Promise<Cluster> {
  const { folder, version } = programs();
  const bin = (program: string): string => join(folder, program);
  const owner = serverUser();
  const base = reachable(dataDir, owner);
  const data = join(base, 'data');
  // The path of a socket may have a hundred characters or so: a folder of its own keeps it short.
  const sockets = mkdtempSync(join(tmpdir(), 'pg-'));
  mkdirSync(data, { recursive: true });
  for (const path of [data, sockets]) {
    if (owner) chownSync(path, owner.uid, owner.gid);
    chmodSync(path, 0o700);
  }
  const run = promisify(execFile);
  await run(bin('initdb'), ['-D', data, '-U', SUPERUSER, '--auth=trust', '--no-locale', '-E', 'UTF8'], {
    ...owner,
    cwd: '/',
  });
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [bin('postgres'), '-D', data, '-k', sockets, '-c', 'listen_addresses=', ...settings];
  const child = spawn('sh', ['-c', KEEPER, 'postgres', ...command], {
    ...owner,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'pipe'],
  });

  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    }
    for (const path of [data, sockets, ...(base === dataDir ? [] : [base])])
      rmSync(path, { recursive: true, force: true });
  }

  const server = ['-h', sockets, '-p', String(PORT), '-U', SUPERUSER];
  async function sql(
    database: string,
    script: string,
    variables: Record<string, string | number> = {},
  ): Promise<string> {
    const set = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
    const running = run(bin('psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...set, ...server, '-d', database, '-f', '-'], {
      maxBuffer: OUTPUT_MAX_BYTES,
    });
    running.child.stdin?.end(script);
    const { stdout } = await running;
    return stdout.trim();
  }
  try {
    await ready(child, () => sql('postgres', 'SELECT 1'));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    setting: `PostgreSQL ${version}, ${Object.entries(SETTINGS)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    bin,
    server,
    url: (database) => `postgresql://${SUPERUSER}@/${database}?host=${encodeURIComponent(sockets)}&port=${PORT}`,
    async createDatabase(name) {
      await sql('postgres', `CREATE DATABASE ${name}`);
    },
    sql,
    stop,
  };
}

function programs(): { folder: string; version: string } {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const complete = versions
    .filter((version) =>
      ['initdb', 'postgres', 'pgbench', 'psql'].every((each) => existsSync(join(VERSIONS, version, 'bin', each))),
    )
    .toSorted((a, b) => Number(b) - Number(a));
  const [newest] = complete;
  if (newest === undefined) throw new Error(`There is no PostgreSQL server below ${VERSIONS}. ${INSTALL_HINT}`);
  const folder = join(VERSIONS, newest, 'bin');
  const said = spawnSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout;
  return { folder, version: /\d+(?:\.\d+)*/.exec(said)?.[0] ?? newest };
}

/** @returns the ids of another user where this is root; undefined where this user will do */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === SYSTEM_USER);
  if (!fields)
    throw new Error(`PostgreSQL does not run as root, and there is no user "${SYSTEM_USER}". ${INSTALL_HINT}`);
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** @returns a folder on the same disk that the server's user reaches: the one given, else one below /var/tmp */
function reachable(dataDir: string, owner: { uid: number; gid: number } | undefined): string {
  if (!owner) return dataDir;
  chmodSync(dataDir, 0o711);
  if (spawnSync('test', ['-x', dataDir], { ...owner, cwd: '/' }).status === 0) return dataDir;
  if (statSync('/var/tmp').dev !== statSync(dataDir).dev)
    throw new Error(`The user "${SYSTEM_USER}" cannot reach "${dataDir}", and /var/tmp is on another disk`);
  const base = mkdtempSync('/var/tmp/turing-bench-');
  chmodSync(base, 0o711);
  return base;
}

async function ready(child: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1_000)));
  for (const until = performance.now() + START_LIMIT_MS; ;) {
    try {
      await ask();
      return;
    } catch (cause) {
      if (child.exitCode !== null || performance.now() > until)
        throw new Error(`Cannot start PostgreSQL: ${said}`, { cause });
      await sleep(100);
    }
  }
}
