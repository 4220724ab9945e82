import { spawnSync } from 'node:child_process';

/** Namespaces in which this user may mount: those of its own where it is not root. */
const NAMESPACES = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];

/** Whether this machine lets file systems be mounted that its other processes do not see. */
export function canMount(): boolean {
  return spawnSync('unshare', [...NAMESPACES, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
}

/** @returns what to write before a command so that it runs with mounts of its own, which end with it */
export function inMount(script: string): string[] {
  return ['unshare', ...NAMESPACES, 'sh', '-c', `${script} && exec "$@"`, 'sh'];
}
