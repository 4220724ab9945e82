import { Buffer } from 'node:buffer';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import {
  chainFile,
  digestFile,
  type DigestPart,
  DIGESTS_FOLDER,
  type Manifest,
  MANIFEST_FILE,
  parseManifest,
  PUBLIC_KEYS,
  STATEMENT_FILE,
} from './export-format.ts';
import type { ChainFault, DigestFault } from './faults.ts';
import { PublicKeys } from './keys.ts';
import type { DigestTexts } from './read-digest.ts';
import { type ChainPoint, type ChainVerification, verifyChain } from './verify-chain.ts';
import { DigestSeries } from './verify-digests.ts';

const PIECE_BYTES = 256 * 1024;

export interface ExportVerification {
  tenant: string;
  chains: number;
  /** Events whose lines were read and hashed. */
  events: number;
  /** Those of them that no sound digest covers: they may be cut off or changed unseen. */
  unsigned: number;
  digests: number;
  /** The last digest that is sound, and the SHA-256 of its statement: to be compared with one that was had from elsewhere. */
  latest?: { number: number; at: string; sha256: string };
  /** Ids of the public keys that were used. */
  keys: string[];
  /** The first fault in each chain that has one. */
  chainFaults: ChainFault[];
  /** The first fault of each digest that has one. */
  digestFaults: DigestFault[];
}

/** An export that cannot be judged: files of it are missing, or it is none. */
export class ExportUnreadableError extends Error {
  readonly code = 'EXPORT_UNREADABLE';
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'ExportUnreadableError';
  }
}

/**
 * Verifies an exported folder, with nothing but its files: every digest, and every line of every chain against them.
 * @param options.publicKeys PEM of the keys that are trusted; without them those in the folder are used, which shows only that
 * the folder agrees with itself
 * @throws ExportUnreadableError
 */
export async function verifyExport(
  folder: string,
  options: { publicKeys?: readonly string[] } = {},
): Promise<ExportVerification> {
  const manifest = await readManifest(folder);
  const keys = options.publicKeys ? trusted(options.publicKeys) : await keysIn(folder);
  const { tenant } = manifest;
  const series = new DigestSeries({ tenant, chains: manifest.chains.map(({ chain }) => chain), keys });
  const numbers = await digestsIn(folder);
  for (const number of numbers) series.take(number, await readDigestFiles(folder, number));
  series.end(manifest.digests);

  const result: ExportVerification = {
    tenant,
    chains: manifest.chains.length,
    events: 0,
    unsigned: 0,
    digests: numbers.length,
    keys: keys.ids,
    chainFaults: [],
    digestFaults: series.faults,
  };
  if (series.latest) {
    const { statement, text } = series.latest;
    result.latest = { number: statement.number, at: statement.at, sha256: sha256(text) };
  }
  for (const claim of manifest.chains) {
    const points = series.pointsOf(claim.chain);
    const { seq, fault } = await verifyClaim(folder, { tenant, claim, points });
    result.events += seq;
    result.unsigned += Math.max(0, seq - (points.at(-1)?.seq ?? 0));
    if (fault) result.chainFaults.push({ tenant, chain: claim.chain, ...fault });
  }
  return result;
}

/** @returns the verdict in words, the same as those of `verify.py` */
export function verdictOf(result: ExportVerification): string[] {
  const { tenant, chains, events, unsigned, latest, chainFaults, digestFaults } = result;
  const faults = [
    ...digestFaults.map(({ number, reason }) => `FAULT ${tenant} digest ${number}: ${reason}`),
    ...chainFaults.map(({ chain, seq, reason }) => `FAULT ${tenant} chain ${chain} seq ${seq}: ${reason}`),
  ];
  return [
    `${tenant}: ${chains} chains, ${events} events, ${unsigned} of them after the last digest`,
    ...(latest ? [`last digest: ${latest.number} of ${latest.at}, sha256 ${latest.sha256}`] : []),
    ...(faults.length > 0 ? faults : ['no fault was found']),
  ];
}

/** Holds a chain's lines against the digests, and against the manifest, which nobody signed, after that. */
async function verifyClaim(
  folder: string,
  options: { tenant: string; claim: Manifest['chains'][number]; points: readonly ChainPoint[] },
): Promise<ChainVerification> {
  const { tenant, claim, points } = options;
  const verification = await verifyChain({
    chain: fullChainName({ tenantId: tenant, chain: claim.chain }),
    lines: linesOf(join(folder, chainFile(claim.chain))),
    points,
    open: true,
  });
  const { seq, hash, fault } = verification;
  if (fault || (seq === claim.events && hash === claim.head)) return verification;
  const reason = 'The lines do not end in the head of the manifest';
  return { ...verification, fault: { seq: (points.at(-1)?.seq ?? 0) + 1, reason } };
}

/** A file that is missing has no lines: then its head is. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  try {
    await using file = await open(path);
    const piece = Buffer.allocUnsafe(PIECE_BYTES); // Done with when the next is asked for.
    for (;;) {
      const { bytesRead } = await file.read(piece);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } catch (cause) {
    if (!isMissing(cause)) throw unreadable(path, cause);
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const manifest = parseManifest(text);
  if (!manifest) throw new ExportUnreadableError(`Cannot read ${path}: it is no manifest of an export`);
  return manifest;
}

/** The keys in the folder. One that cannot be read signed nothing: it may be what was damaged. */
async function keysIn(folder: string): Promise<PublicKeys> {
  const names = (await readdir(folder)).filter((name) => PUBLIC_KEYS.test(name)).toSorted();
  const pems: string[] = [];
  for (const name of names) {
    const pem = await readFile(join(folder, name), 'utf8');
    if (isPublicKey(pem)) pems.push(pem);
  }
  return new PublicKeys(pems);
}

function isPublicKey(pem: string): boolean {
  try {
    return new PublicKeys([pem]).ids.length === 1;
  } catch {
    return false;
  }
}

function trusted(pems: readonly string[]): PublicKeys {
  try {
    return new PublicKeys(pems);
  } catch (cause) {
    throw new ExportUnreadableError('Cannot read the public key that is trusted', { cause });
  }
}

/** @returns the numbers of the digests whose statements are there */
async function digestsIn(folder: string): Promise<number[]> {
  const path = join(folder, DIGESTS_FOLDER);
  try {
    const numbers = (await readdir(path)).map((name) => Number(STATEMENT_FILE.exec(name)?.[1] ?? 0));
    return numbers.filter((number) => number > 0).toSorted((a, b) => a - b);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw unreadable(path, cause);
  }
}

async function readDigestFiles(folder: string, number: number): Promise<DigestTexts> {
  const read = async (part: DigestPart): Promise<Buffer> => {
    const path = join(folder, digestFile(number, part));
    try {
      return await readFile(path);
    } catch (cause) {
      if (isMissing(cause)) return Buffer.alloc(0); // No signature, other leaves.
      throw unreadable(path, cause);
    }
  };
  const [statement, signature, heads, periods] = [
    await read('json'),
    await read('sig'),
    await read('heads'),
    await read('periods'),
  ];
  return { statement: statement.toString(), signature, heads: leavesOf(heads), periods: leavesOf(periods) };
}

/** What stands after the last newline is no leaf. */
function leavesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').split('\n').slice(0, -1);
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

function unreadable(path: string, cause: unknown): ExportUnreadableError {
  return new ExportUnreadableError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}
