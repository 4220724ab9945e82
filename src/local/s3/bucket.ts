import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createFileSync } from '../create-file.ts';

/** Objects of a bucket as files of a folder. What is there is never changed or removed. */
export interface Bucket {
  /** @returns false where there is such an object, which stays as it is */
  create(key: string, content: Uint8Array): boolean;
  get(key: string): StoredObject | undefined;
  /** @returns keys that begin with `prefix` and come after `after`, in order */
  list(options: { prefix: string; after: string }): string[];
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

export function openBucket(folder: string): Bucket {
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
  return {
    create: (key, content) => createFileSync(join(folder, kept(key)), content),
    get(key) {
      const path = join(folder, kept(key));
      try {
        return { content: readFileSync(path), modified: statSync(path).mtime };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    list({ prefix, after }) {
      const begin = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      if (begin !== '' && !isKeepable(begin.slice(0, -1))) return [];
      return keysIn(begin).filter((key) => key.startsWith(prefix) && key > after);
    },
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
