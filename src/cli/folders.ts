import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { holdsStore } from '../local/store/contents.ts';
import { CliError, messageOf, usageError } from './cli-error.ts';
import { dynamodbEndpoint } from './cloud/dynamodb-endpoint.ts';

/** A path is a few hundred levels deep at most: 4,096 bytes. */
const LEVELS_MAX = 2_048;

/**
 * Makes sure that a flag's folder exists and takes files, before anything else is done.
 * @returns its absolute path
 * @throws CliError with exit code 2
 */
export function requireFolder(flag: string, given: string): string {
  const path = resolve(given);
  const kind = kindOf(path);
  if (kind === 'file') throw usageError(`Give --${flag} a folder: "${given}" is a file`);
  try {
    if (kind === undefined) makeFolder(path);
    // Tried, not asked for: permissions alone do not tell what a file system lets be written.
    rmdirSync(mkdtempSync(join(path, '.turing-')));
  } catch (error) {
    throw usageError(`Give --${flag} a folder that can be written: "${given}" cannot (${messageOf(error)})`);
  }
  return path;
}

/**
 * Makes sure that a flag's folder holds a store, before a local cloud is started on it, which would make one in any folder.
 * It has to take files too: the engine writes beside what it reads.
 * @returns its absolute path
 * @throws CliError with exit code 2 for a folder that cannot be used, 1 for one without a store
 */
export function requireStore(
  flag: string,
  given: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const path = resolve(given);
  const kind = kindOf(path);
  if (kind === undefined) throw usageError(`Give --${flag} a folder that exists: there is no "${given}"`);
  if (kind === 'folder' && dynamodbEndpoint(env) === undefined && !holdsStore(path))
    throw new CliError(`There is no store in "${given}": nothing was done`, {
      fix: 'turing demo --data DIR and turing up --data DIR make one.',
    });
  try {
    return requireFolder(flag, given);
  } catch (cause) {
    if (kind === 'file') throw cause;
    const fix = `A store is read by its engine, which has to write beside it. Copy it: cp -r "${given}" DIR, then --${flag} DIR.`;
    throw usageError(messageOf(cause), fix);
  }
}

/**
 * Makes sure that a flag's folder is there for new files: a new or an empty one, beside which others can be made.
 * @returns its absolute path
 * @throws CliError with exit code 2
 */
export function requireEmptyFolder(flag: string, given: string): string {
  const path = requireFolder(flag, given);
  if (readdirSync(path).length > 0)
    throw usageError(`Give --${flag} a folder that is new or empty: there are files in "${given}"`);
  requireFolder(flag, dirname(path));
  return path;
}

/**
 * Makes sure that a flag's file can be written, before anything else is done. A file that is there keeps its content.
 * @returns its absolute path
 * @throws CliError with exit code 2
 */
export function requireWritableFile(flag: string, given: string): string {
  const path = resolve(given);
  const kind = kindOf(path);
  if (kind === 'folder') throw usageError(`Give --${flag} a file: "${given}" is a folder`);
  try {
    makeFolder(dirname(path));
    if (kind === 'file') accessSync(path, constants.W_OK);
    else {
      closeSync(openSync(path, 'a'));
      rmSync(path);
    }
  } catch (error) {
    throw usageError(`Give --${flag} a file that can be written: "${given}" cannot (${messageOf(error)})`);
  }
  return path;
}

/** Level by level: Node's own recursive way never ends where making a folder fails as if its parent were missing (/proc). */
function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = path; kindOf(at) === undefined && missing.length < LEVELS_MAX; at = dirname(at)) missing.unshift(at);
  for (const folder of missing) mkdirSync(folder);
}

/** @returns what is there */
export function kindOf(path: string): 'folder' | 'file' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? 'folder' : 'file';
}
