import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createFileSync } from '../create-file.ts';

/** Objects of a bucket as files of a folder. What is there is never changed or removed, but may be hidden. */
export interface Bucket {
  /** @returns false where there is such an object, hidden or not, which stays as it is */
  create(key: string, content: Uint8Array): boolean;
  get(key: string): StoredObject | undefined;
  /** Puts a delete marker before an object: it is there, but not found any more. */
  hide(key: string): void;
  /** @returns keys that begin with `prefix` and come after `after`, in order, without those that are hidden */
  list(options: { prefix: string; after: string }): string[];
  /** @returns the same with what is hidden, and the markers that hide it, which come first */
  versions(options: { prefix: string; after: string }): ObjectVersion[];
}

export interface ObjectVersion {
  key: string;
  /** Whether it is a delete marker. */
  isMarker: boolean;
  isLatest: boolean;
}

export interface StoredObject {
  content: Buffer;
  modified: Date;
}

/**
 * Keys that the local cloud keeps: folders and names of letters, digits and `_-.=@+`. None leaves the folder or means anything
 * to a file system, and none begins with a dot, as files that are not whole yet do.
 */
const NAME = '[A-Za-z0-9_=@+-][A-Za-z0-9_.=@+-]{0,199}';
const KEY = new RegExp(`^${NAME}(?:/${NAME}){0,9}$`);

export function isKeepable(key: string): boolean {
  return KEY.test(key);
}

/** @param onKept is told of each object that was kept: its key and bytes */
export function openBucket(folder: string, onKept?: (key: string, bytes: number) => void): Bucket {
  /** @returns all keys in a folder, below `begin`, which is empty or ends with a slash */
  const keysIn = (begin: string): string[] => {
    let entries;
    try {
      entries = readdirSync(join(folder, begin), { recursive: true, withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    const keys = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    return keys.filter(isKeepable).sort();
  };
  const markerOf = (key: string): string => join(folder, dirname(kept(key)), `.${basename(key)}.hidden`);
  const isHidden = (key: string): boolean => existsSync(markerOf(key));
  const matching = ({ prefix, after }: { prefix: string; after: string }): string[] => {
    const begin = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (begin !== '' && !isKeepable(begin.slice(0, -1))) return [];
    return keysIn(begin).filter((key) => key.startsWith(prefix) && key > after);
  };
  return {
    create(key, content) {
      const isNew = createFileSync(join(folder, kept(key)), content);
      if (isNew) onKept?.(key, content.length);
      return isNew;
    },
    get(key) {
      const path = join(folder, kept(key));
      if (isHidden(key)) return undefined;
      try {
        return { content: readFileSync(path), modified: statSync(path).mtime };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    hide(key) {
      createFileSync(markerOf(key), '');
    },
    list: (options) => matching(options).filter((key) => !isHidden(key)),
    versions: (options) =>
      matching(options).flatMap((key) => {
        const hidden = isHidden(key);
        const version = { key, isMarker: false, isLatest: !hidden };
        return hidden ? [{ key, isMarker: true, isLatest: true }, version] : [version];
      }),
  };
}

function kept(key: string): string {
  if (!isKeepable(key)) throw new RangeError(`Cannot keep an object under "${key}"`);
  return key;
}

/** There is nothing, a part of the path is an object, or the path is a folder. */
function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
