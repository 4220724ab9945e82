import { readFile, stat } from 'node:fs/promises';
import { PublicKeys } from '../../proof/keys.ts';
import { parseStatement } from '../../proof/statement.ts';
import { createHash } from 'node:crypto';
import { CliError, codeOf, messageOf } from '../cli-error.ts';

/** A digest that somebody kept from before. */
export interface KeptDigest {
  number: number;
  /** Of its statement. */
  sha256: string;
  /** Where the whole statement was kept. */
  tenant?: string;
}

const NUMBER_AND_HASH = /(?:^|[\s"])([1-9]\d{0,7}):([0-9a-f]{64})(?![0-9a-f])/i;

/** Reads the files of public keys. @returns undefined for none. @throws CliError where one is no such key */
export async function readKeyFiles(paths: readonly string[]): Promise<string[] | undefined> {
  if (paths.length === 0) return undefined;
  const keys: string[] = [];
  for (const path of paths) {
    const pem = await readText(path);
    try {
      keys.push(pem);
      new PublicKeys([pem]);
    } catch (cause) {
      throw new CliError(`Cannot use "${path}": it is no public key on P-256 in PEM`, { cause });
    }
  }
  return keys;
}

/**
 * Reads digests that were kept: `12:<SHA-256>` as verifiers print it, or the file of such a line, of a statement, or of what the
 * API answers for a digest.
 * @throws CliError where one is none of these
 */
export async function readKept(given: readonly string[]): Promise<KeptDigest[]> {
  const kept: KeptDigest[] = [];
  for (const each of given) {
    const digest = parseKept(each) ?? parseKept(await readKeptFile(each));
    if (!digest) throw notKept(each, 'it holds no digest');
    kept.push(digest);
  }
  return kept;
}

async function readKeptFile(given: string): Promise<string> {
  try {
    return await readRegular(given);
  } catch (cause) {
    throw notKept(
      given,
      codeOf(cause) === 'ENOENT' ? 'it is no digest, and there is no such file' : messageOf(cause),
      cause,
    );
  }
}

function notKept(given: string, reason: string, cause?: unknown): CliError {
  const fix = `Give --kept a digest's number, a colon and 64 hex digits, as verifiers print it, or the file of its statement.`;
  return new CliError(`Cannot use "${given}": ${reason}`, { fix, cause });
}

/** @throws CliError where digests are of another tenant, or two of one number differ */
export function keptOf(tenant: string, kept: readonly KeptDigest[]): Map<number, string> {
  const hashes = new Map<number, string>();
  for (const { number, sha256, tenant: owner = tenant } of kept) {
    if (owner !== tenant) throw new CliError(`The digest that was kept is one of ${owner}, this is of ${tenant}`);
    if ((hashes.get(number) ?? sha256) !== sha256)
      throw new CliError(`Two digests that were kept have number ${number} and are not the same: no export has both`);
    hashes.set(number, sha256);
  }
  return hashes;
}

/** @throws CliError */
export async function readText(path: string): Promise<string> {
  try {
    return await readRegular(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** A pipe would be waited for without end, and could be read only once. */
async function readRegular(path: string): Promise<string> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new Error(`it is ${stats.isDirectory() ? 'a folder' : 'no regular file'}`);
  return await readFile(path, 'utf8');
}

/** @throws CliError */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function parseKept(text: string): KeptDigest | undefined {
  const statement = parseStatement(text.trim()) ? text.trim() : statementIn(text);
  const said = statement === undefined ? undefined : parseStatement(statement);
  if (statement !== undefined && said) return { number: said.number, sha256: hashOf(statement), tenant: said.tenant };
  const [, number, hash] = NUMBER_AND_HASH.exec(text) ?? [];
  return number === undefined || hash === undefined
    ? undefined
    : { number: Number(number), sha256: hash.toLowerCase() };
}

function statementIn(text: string): string | undefined {
  try {
    const statement: unknown = JSON.parse(text)?.statement;
    return typeof statement === 'string' ? statement : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function unreadable(path: string, cause: unknown): CliError {
  const reason = codeOf(cause) === 'ENOENT' ? 'there is no such file or folder' : messageOf(cause);
  return new CliError(`Cannot read "${path}": ${reason}`, { cause });
}
