import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { codeOf } from '../cli-error.ts';

/** Name of the file beside a cloud's data. */
export const CLOUD_FILE = 'cloud.json';

const cloudFile = z.object({
  apiUrl: z.string(),
  awsUrl: z.string(),
  /** Lets the owner of the file ask for tokens and invoke functions. */
  localSecret: z.string(),
  pid: z.number(),
  /** Where the stored bytes are, for programs that read them: a DynamoDB endpoint and the names of its tables. */
  dynamodbUrl: z.string().optional(),
  journalTable: z.string().optional(),
  viewsTable: z.string().optional(),
  /** Absent when the store is temporary. */
  dataDir: z.string().optional(),
});

/** How to reach a cloud that runs in another process. */
export type CloudAddress = z.infer<typeof cloudFile>;

/** Says where the cloud of this process is. Readable by the user only: it holds the secret. */
export function writeCloudFile(path: string, address: CloudAddress): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(address, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Removes the file, unless it is another process's. */
export function removeCloudFile(path: string, pid: number): void {
  if (readAddress(path)?.pid === pid) rmSync(path, { force: true });
}

/** @returns the address of the running cloud; undefined when there is none, or only the file of one that is gone */
export function findCloud(path: string): CloudAddress | undefined {
  const address = readAddress(path);
  return address !== undefined && isAlive(address.pid) ? address : undefined;
}

/**
 * @param path of the file of the cloud that was started first
 * @returns the address of the running cloud whose store is in a folder: the first one, or one that says so beside its data
 */
export function findCloudOf(dataDir: string, path: string): CloudAddress | undefined {
  const folder = resolve(dataDir);
  const first = findCloud(path);
  return first?.dataDir === folder ? first : findCloud(join(folder, CLOUD_FILE));
}

/** @returns what the file says, whether or not that process still runs */
export function readAddress(path: string): CloudAddress | undefined {
  try {
    return cloudFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but another user's.
    return codeOf(error) === 'EPERM';
  }
}
