import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sha256 } from '../../journal/sha256.ts';
import { MANIFEST_FILE } from '../export-format.ts';
import { rootOf } from '../merkle.ts';
import { ExportUnreadableError } from '../read-export.ts';
import { parseStatement, type Statement, statementText } from '../statement.ts';
import { damageCopy } from '../tamper.ts';
import { faultsIn, verdictOf, verifyExport } from '../verify-export.ts';
import { VERIFIER, writeDigest } from '../write-export.ts';
import { digestedBank, exportBank } from './bank-export.ts';

export const python = spawnSync('python3', ['--version']).status === 0;
export const openssl = spawnSync('openssl', ['version']).status === 0;
// oxlint-disable-next-line no-console -- a verifier that is not tested must not go unnoticed
if (!python || !openssl)
  console.warn('verify.py WAS NOT TESTED: there is no python3, or no openssl for its signatures');

/** What is said of a digest that is signed once more. */
export type Resigned = Partial<Statement> & { heads_?: string[]; periods_?: string[] };

/** A bank with four digests and its sound export, and what verifies copies of it that were damaged. */
export async function openSoundExport() {
  const bank = await digestedBank({ digests: 4 });
  await bank.live('not signed yet');
  const sound = await exportBank(bank);
  const scratch = await mkdtemp(join(tmpdir(), 'turing-verify-'));
  /** The bank's public key, as it was had from elsewhere. */
  const keyFile = join(scratch, 'known.pem');
  await writeFile(keyFile, await bank.signer.publicKeyPem());

  /** Verifies with both verifiers, which must say the same. @returns the faults in words */
  async function faultsOf(
    folder: string,
    options: { trusted?: boolean; keys?: string[]; kept?: Map<number, string> } = {},
  ): Promise<string[]> {
    const { trusted = options.keys !== undefined, keys = [keyFile], kept = new Map<number, string>() } = options;
    const publicKeys = await Promise.all(keys.map((file) => readFile(file, 'utf8')));
    const result = await verifyExport(folder, { kept, ...(trusted && { publicKeys }) });
    const verdict = verdictOf(result);
    if (python && openssl) {
      const texts = [...kept].map(([number, hash]) => `${number}:${hash}`);
      const { status, stdout, stderr } = runVerifier([folder, ...(trusted ? keys : []), ...texts]);
      expect(stderr).toBe('');
      expect(stdout.split('\n').slice(0, -2)).toEqual(verdict);
      expect(stdout.split('\n').at(-2)).toBe(
        `signatures checked by ${trusted ? 'what was given' : 'THE KEY THAT CAME ALONG: compare it'}`,
      );
      expect(status).toBe(faultsIn(result).length > 0 ? 5 : 0);
    }
    return verdict.filter((line) => line.startsWith('FAULT ')).map((line) => line.replace('FAULT ', ''));
  }

  /** What somebody wrote down of a digest. */
  const keptOf = (...numbers: number[]) =>
    new Map(numbers.map((number) => [number, sha256(bank.digests[number - 1]!.statement)]));

  let copies = 0;
  async function damaged(damage: (folder: string) => Promise<unknown>): Promise<string> {
    const to = join(scratch, `copy-${(copies += 1)}`);
    await damageCopy(
      { name: '', title: '', apply: async (folder) => String(await damage(folder)) },
      { from: sound, to },
    );
    return to;
  }

  /** Signs a digest that says something else, as who has the key may do. */
  async function resign(folder: string, number: number, change: Resigned): Promise<void> {
    const { heads_, periods_, ...said } = change;
    const digest = bank.digests[number - 1]!;
    const [heads, periods] = [heads_ ?? digest.heads, periods_ ?? digest.periods];
    const statement = statementText({
      ...parseStatement(digest.statement)!,
      heads: rootOf(heads),
      events: rootOf(periods),
      ...said,
    });
    const signature = await bank.signer.sign(Buffer.from(statement));
    await writeDigest(folder, { number, statement, signature, heads, periods });
  }

  const remove = async () => {
    await rm(sound, { recursive: true });
    await rm(scratch, { recursive: true });
  };
  return { bank, sound, scratch, keyFile, faultsOf, keptOf, damaged, resign, remove };
}

export function runVerifier(args: string[], env = process.env) {
  return spawnSync('python3', [VERIFIER.pathname, ...args], { encoding: 'utf8', env, timeout: 20_000 });
}

/** @returns why nothing can be told of the folder, which both verifiers must say in the same words */
export async function unknownOf(folder: string): Promise<string> {
  const error: unknown = await verifyExport(folder).catch((thrown: unknown) => thrown);
  if (!(error instanceof ExportUnreadableError)) throw new Error('Something was told', { cause: error });
  if (python && openssl)
    expect(runVerifier([folder])).toMatchObject({ status: 1, stdout: '', stderr: `${error.message}\n` });
  return error.message.replace(`Cannot verify ${folder}: `, '');
}

/** A pipe in the place of a file: who opened it would wait for ever. */
export async function makePipe(path: string): Promise<void> {
  await rm(path, { force: true });
  execFileSync('mkfifo', [path]);
}

export async function makeFolder(path: string): Promise<void> {
  await rm(path);
  await mkdir(path);
}

export const edit = async (path: string, change: (text: string) => string) =>
  writeFile(path, change(await readFile(path, 'utf8')));

export const editManifest = (folder: string, change: (text: string) => string) =>
  edit(join(folder, MANIFEST_FILE), change);
