import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Examined } from '../../local/store/check-database.ts';
import { holdsStore } from '../../local/store/contents.ts';
import { codeOf } from '../cli-error.ts';
import { type CloudAddress, isAlive, readAddress } from '../cloud/cloud-file.ts';
import { kindOf } from '../folders.ts';
import { PATHS } from '../project-paths.ts';
import { sourcesHash } from '../synth/sources-hash.ts';

/** What the doctor looks at; tests give a machine with faults. */
export interface Machine {
  nodeVersion: string;
  platform: string;
  dynamodbEndpoint: string | undefined;
  /** Path of the embedded engine's binary, undefined when it is not installed. */
  enginePath: string | undefined;
  /** Starts a program and returns what it says; rejects when it cannot run. */
  run: (path: string, args: string[]) => Promise<string>;
  /** Whether the endpoint answers HTTP at all. */
  answers: (url: string) => Promise<boolean>;
  /** Whether a package can be loaded. */
  resolves: (packageName: string) => boolean;
  canListen: (port: number) => Promise<boolean>;
  /** What is at a path. */
  kindOf: (path: string) => 'folder' | 'file' | undefined;
  writableFault: (path: string) => string | undefined;
  freeBytes: (path: string) => number;
  memoryBytes: number;
  templateCached: () => boolean;
  cloudFile: { address: CloudAddress | undefined; alive: boolean };
  /** Looks at a store. Rejects with what is wrong; resolves with what it is otherwise, undefined where there is none. */
  examineStore: (folder: string) => Promise<Examined | undefined>;
  paths: { state: string; temporary: string; data: string };
  /** Whether the folder of the store was asked for: then it has to be there. */
  isDataGiven: boolean;
}

const RUN_LIMIT_MS = 5_000;

/** @param options.dataDir the store to look at, else that of `turing up` */
export function thisMachine(
  env: Readonly<Record<string, string | undefined>>,
  options: { dataDir?: string } = {},
): Machine {
  const require = createRequire(import.meta.url);
  const address = readAddress(PATHS.cloudFile);
  const platform = `${process.platform}-${process.arch}`;
  return {
    nodeVersion: process.versions.node,
    platform,
    dynamodbEndpoint: env['DYNAMODB_ENDPOINT'] === '' ? undefined : env['DYNAMODB_ENDPOINT'],
    enginePath: engineOf(platform, require),
    async run(path, args) {
      const { stdout } = await promisify(execFile)(path, args, { timeout: RUN_LIMIT_MS });
      return stdout.trim();
    },
    async answers(url) {
      try {
        await fetch(url, { signal: AbortSignal.timeout(RUN_LIMIT_MS) });
        return true;
      } catch {
        return false;
      }
    },
    resolves(packageName) {
      // Not `require.resolve`: some packages have no main file. Its folder is what tells.
      return existsSync(join(PATHS.root, 'node_modules', packageName, 'package.json'));
    },
    canListen,
    kindOf,
    writableFault,
    freeBytes(path) {
      let there = path; // or the folder in which it would be made
      while (!existsSync(there)) there = dirname(there);
      const { bavail, bsize } = statfsSync(there);
      return bavail * bsize;
    },
    memoryBytes: totalmem(),
    templateCached: () => existsSync(join(PATHS.assemblies, sourcesHash(PATHS.root, {}), 'manifest.json')),
    cloudFile: { address, alive: address !== undefined && isAlive(address.pid) },
    async examineStore(folder) {
      const { examineStore } = await import('../../local/store/check-database.ts');
      // A start looks at keys where there is no store yet, too.
      const examined = await examineStore(folder, { embedded: (env['DYNAMODB_ENDPOINT'] ?? '') === '' });
      return holdsStore(folder) ? examined : undefined;
    },
    paths: { state: PATHS.state, temporary: tmpdir(), data: options.dataDir ?? PATHS.data },
    isDataGiven: options.dataDir !== undefined,
  };
}

function engineOf(platform: string, require: NodeJS.Require): string | undefined {
  try {
    const folder = dirname(require.resolve(`@dynoxide/${platform}/package.json`));
    const path = join(folder, process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** @returns why a file cannot be written there; undefined when it can */
function writableFault(path: string): string | undefined {
  const probe = join(path, `.doctor-${process.pid}`);
  try {
    mkdirSync(path, { recursive: true });
    try {
      writeFileSync(probe, 'probe');
    } finally {
      rmSync(probe, { force: true }); // on a full disk there is an empty one
    }
    return undefined;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}
