import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const FOLDER = join(import.meta.dirname, 'packages');
const INSTALL = ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund'];
const INSTALL_LIMIT_MS = 180_000;
const require = createRequire(join(FOLDER, 'package.json'));

/**
 * Installs the peers' packages into the folder beside this, unless they are there as the lock says. They are no business of the project's
 * own `npm ci`: 160 packages that nothing else needs.
 * @throws with npm's own words
 */
export async function installPackages(say: (line: string) => void): Promise<void> {
  const installed = join(FOLDER, 'node_modules', '.package-lock.json');
  const lock = join(FOLDER, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing the packages of bench/peers');
  try {
    await promisify(execFile)('npm', INSTALL, { timeout: INSTALL_LIMIT_MS });
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { stderr?: string };
    const said = stderr.split('\n').find((line) => /^npm (?:error|ERR!)/.test(line)) ?? message;
    throw new Error(`Cannot install: ${said} (npm ${INSTALL.join(' ')})`, { cause });
  }
}

/** Loads one of the packages. Its type is the caller's word for what it uses: it may not be there to be asked. */
export function loadPackage(name: string): unknown {
  return require(name);
}

export function versionOf(name: string): string {
  // Not every package lets its package.json be resolved.
  const { version } = require(join(FOLDER, 'node_modules', name, 'package.json')) as { version: string };
  return version;
}
