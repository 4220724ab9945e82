import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { isInMemory } from './cloud.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  node: string;
  platform: string;
  /** Where the stores of the benchmarks lie. */
  disk: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    disk: isInMemory('.') ? 'in memory only' : fileSystemOf(resolve('.')),
  };
}

export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** Type of the file system that holds a folder, as Linux names it: `ext4`. */
function fileSystemOf(path: string): string {
  let best = { mount: '', type: 'unknown' };
  try {
    for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
      const [, mount = '', type = ''] = line.split(' ');
      const holds = path === mount || path.startsWith(mount.endsWith('/') ? mount : `${mount}/`);
      if (mount !== '' && holds && mount.length >= best.mount.length) best = { mount, type };
    }
  } catch {
    // Not Linux: the type stays unknown.
  }
  return best.type;
}
