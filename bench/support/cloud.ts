import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAlive } from '../../src/cli/cloud/cloud-file.ts';
import { openLogFile } from '../../src/cli/cloud/log-file.ts';
import { openCloud } from '../../src/cli/cloud/open-cloud.ts';
import { PATHS } from '../../src/cli/project-paths.ts';
import { synthesize } from '../../src/cli/synth/synthesize.ts';
import { RIGHTS } from '../../src/contract/rights.ts';
import type { Cloud } from '../../src/local/index.ts';
import { ACTOR } from './actor.ts';

const MEMORY_FILESYSTEMS = new Set([0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */]);

/**
 * Starts the local cloud as `turing up` does: the template from the cache of syntheses, the store in a folder. Only the port is
 * another: any that is free.
 */
export async function startBenchCloud(dataDir: string): Promise<Cloud> {
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now: Date.now });
  const logFile = openLogFile(join(dataDir, 'logs', 'cloud.log'));
  const { signal } = new AbortController();
  const cloud = await openCloud({ assemblyDir, dataDir: resolve(dataDir), port: 0, stop: signal, log: logFile.write });
  return {
    ...cloud,
    async stop() {
      await cloud.stop();
      await logFile.close();
    },
  };
}

/** A token with all rights for a tenant, good for a benchmark's length. */
export function tokenOf(cloud: Cloud, tenantId: string): Promise<string> {
  return cloud.issueToken({ subject: ACTOR, tenants: [tenantId], rights: [...RIGHTS], ttlSeconds: 12 * 3_600 });
}

/** Makes a folder below the project's own state, which is on the disk that the project is on, and removes it after use. */
export async function withWorkDir<Result>(use: (workDir: string) => Promise<Result>): Promise<Result> {
  const base = join(PATHS.state, 'bench');
  mkdirSync(base, { recursive: true });
  removeLeftOvers(base);
  const workDir = mkdtempSync(join(base, `run-${process.pid}-`));
  try {
    return await use(workDir);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** A benchmark that was killed could not remove its own. What has another name is somebody else's. */
function removeLeftOvers(base: string): void {
  for (const name of readdirSync(base)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(base, name), { recursive: true, force: true });
  }
}

/** Whether a folder's files are in memory only: then "durable" is not what was measured. */
export function isInMemory(path: string): boolean {
  return MEMORY_FILESYSTEMS.has(statfsSync(path).type);
}
