import { Buffer } from 'node:buffer';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  chainFile,
  digestFile,
  type DigestPart,
  DIGESTS_FOLDER,
  type Manifest,
  MANIFEST_FILE,
  parseManifest,
  PUBLIC_KEY_FILE,
  PUBLIC_KEYS,
  STATEMENT_FILE,
} from './export-format.ts';
import type { DigestTexts } from './read-digest.ts';

const PIECE_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);
/** Also where a file stands in the place of a folder, or a link leads to itself. */
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** An export that cannot be judged: files of it are missing, or it is none. */
export class ExportUnreadableError extends Error {
  readonly code = 'EXPORT_UNREADABLE';
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'ExportUnreadableError';
  }
}

/** @returns the manifest and its very text. @throws ExportUnreadableError */
export async function readManifest(folder: string): Promise<{ manifest: Manifest; text: string }> {
  const bytes = await readIfThere(join(folder, MANIFEST_FILE));
  if (!bytes) throw new ExportUnreadableError(`Cannot verify ${folder}: it has no ${MANIFEST_FILE}`);
  const text = textOf(bytes);
  const manifest = text === undefined ? undefined : parseManifest(text);
  if (text === undefined || !manifest)
    throw new ExportUnreadableError(`Cannot verify ${folder}: its ${MANIFEST_FILE} is none of an export`);
  return { manifest, text };
}

/**
 * @returns the texts of the public keys in the folder, whatever they are: of the last digest (none where it is missing), and of all
 * @throws ExportUnreadableError
 */
export async function readKeys(folder: string): Promise<{ last: string[]; all: string[] }> {
  const names = (await list(folder)).filter((name) => PUBLIC_KEYS.test(name)).toSorted();
  const keys: { last: string[]; all: string[] } = { last: [], all: [] };
  for (const name of names) {
    const bytes = await readIfThere(join(folder, name));
    if (!bytes) continue;
    const key = bytes.toString();
    keys.all.push(key);
    if (name === PUBLIC_KEY_FILE) keys.last.push(key);
  }
  return keys;
}

/** @returns the numbers of the digests whose statements are there. @throws ExportUnreadableError */
export async function digestsIn(folder: string): Promise<number[]> {
  const names = await list(join(folder, DIGESTS_FOLDER));
  const numbers = names.flatMap((name) => STATEMENT_FILE.exec(name)?.[1] ?? []).map(Number);
  return numbers.toSorted((a, b) => a - b);
}

/** A file that is missing is empty: no signature, other leaves. @throws ExportUnreadableError */
export async function readDigestFiles(folder: string, number: number): Promise<DigestTexts> {
  const part = async (name: DigestPart) => (await readIfThere(join(folder, digestFile(number, name)))) ?? NOTHING;
  const [statement, signature] = [await part('json'), await part('sig')];
  const [heads, periods] = [leavesOf(await part('heads')), leavesOf(await part('periods'))];
  return { statement: statement.toString(), signature, heads, periods };
}

/** A chain's bytes in pieces; a piece is done with when the next is asked for. A file that is missing has no lines. */
export async function* chainBytes(folder: string, chain: string): AsyncGenerator<Buffer> {
  const path = join(folder, chainFile(chain));
  if (!(await isThere(path))) return;
  try {
    await using file = await open(path);
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(piece);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** One leaf a line. Where no newline ends the last, all is one leaf with a newline in it, which none that was hashed has. */
function leavesOf(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  return text === '' || text.endsWith('\n') ? text.split('\n').slice(0, -1) : [`${text}\n`];
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  if (!(await isThere(path))) return undefined;
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/** What is no regular file counts as missing: a pipe would be waited for without end. */
async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw unreadable(path, cause);
  }
}

/** @returns undefined for what is no UTF-8. A byte order mark is a character: no export has one */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw unreadable(folder, cause);
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && MISSING.has(String(cause.code));
}

function unreadable(path: string, cause: unknown): ExportUnreadableError {
  return new ExportUnreadableError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}
