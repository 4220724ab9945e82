import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isKeepable } from '../s3/bucket.ts';
import { replaceFile } from './replace-file.ts';
import { damaged } from './store-error.ts';

// Objects come while the local cloud runs, so what was there at a start is not enough to tell what is missing: each is noted.

/** Says which objects there are: a line each, with its bytes and its place among the buckets. */
export const OBJECTS = 'objects.list';
export const BUCKETS = 'buckets';
const LINE = /^(\d+) (([^/\s]+)\/(\S+))$/;

/**
 * Notes an object that was kept. On a disk that is full nothing is noted, and nothing by halves: the next line would be taken for
 * the rest of it.
 * @param key `<bucket>/<key>`
 */
export function noteObject(folder: string, key: string, bytes: number): void {
  const path = join(folder, OBJECTS);
  const length = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(path, lineOf(key, bytes), { mode: 0o600, flush: true });
  } catch (error) {
    if (existsSync(path)) truncateSync(path, length);
    throw error;
  }
}

/** Lists what there is, at the end of a start: what a process noted by halves, or never, is put right. */
export function listObjects(folder: string): void {
  replaceFile(join(folder, OBJECTS), linesOfObjects(folder).join(''));
}

/** @returns how many objects there are; where files are missing, how many there were */
export function countObjects(folder: string): number {
  return Math.max(linesOfObjects(folder).length, notedLines(folder).length);
}

/** @returns a line for each object that is there */
function linesOfObjects(folder: string): string[] {
  const root = join(folder, BUCKETS);
  const entries = existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : [];
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = paths.flatMap((path) => {
    const key = relative(root, path);
    const name = key.slice(key.indexOf('/') + 1);
    return key !== name && isKeepable(name) ? [lineOf(key, statSync(path).size)] : [];
  });
  return lines.toSorted();
}

/** @returns what was noted, line by line. What follows the last newline was cut off as it was written. */
function notedLines(folder: string): string[] {
  const path = join(folder, OBJECTS);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

/**
 * Checks that all objects are there that were noted. A folder without the list is of a start that was never completed, or of an
 * earlier version; that the list itself is not missing is up to the folder's contents.
 * @throws StoreError
 */
export function checkObjects(folder: string): void {
  const path = join(folder, OBJECTS);
  const lines = notedLines(folder);
  const root = join(folder, BUCKETS);
  if (lines.length > 0 && !existsSync(root)) throw damaged(root, `it held ${objectsText(lines.length)} and is missing`);
  const faults = lines.flatMap((line) => {
    const [, bytes, key = '', bucket = '', name = ''] = LINE.exec(line) ?? [];
    if (bytes === undefined || !isKeepable(bucket) || !isKeepable(name))
      throw damaged(path, `it does not say what the buckets hold: "${line}"`);
    const fault = faultOf(join(root, key), Number(bytes));
    return fault === undefined ? [] : [{ path: join(root, key), fault }];
  });
  const [first, ...others] = faults;
  if (!first) return;
  const more = others.length === 0 ? '' : `; and so on, ${objectsText(faults.length)} in all`;
  throw damaged(first.path, `${first.fault}${more}`);
}

function faultOf(path: string, bytes: number): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'it was kept there and is missing';
  if (!stats.isFile()) return 'it is no file';
  return stats.size === bytes ? undefined : `it had ${bytes} bytes and has ${stats.size}`;
}

export function objectsText(count: number): string {
  return count === 1 ? '1 object' : `${count} objects`;
}

function lineOf(key: string, bytes: number): string {
  return `${bytes} ${key}\n`;
}
