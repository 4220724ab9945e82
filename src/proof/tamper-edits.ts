import { Buffer } from 'node:buffer';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import {
  chainFile,
  digestFile,
  type Manifest,
  MANIFEST_FILE,
  manifestText,
  parseManifest,
  PUBLIC_KEY_FILE,
} from './export-format.ts';
import { createKeySigner, makePrivateKey } from './keys.ts';
import { rootOf } from './merkle.ts';
import {
  type Head,
  headText,
  parseHeads,
  parsePeriod,
  parseStatement,
  periodText,
  statementText,
} from './statement.ts';
import { textOf, writeDigest } from './write-export.ts';

// How an export is read and written anew by who damages it; `tamper.ts` says what for.

/** Removes the four files of a digest. */
export async function removeDigest(folder: string, number: number): Promise<void> {
  for (const part of ['json', 'sig', 'heads', 'periods'] as const) await rm(join(folder, digestFile(number, part)));
}

/** @returns the heads in the last digest */
export async function headsOf(folder: string, { tenant, digests }: Manifest): Promise<Head[]> {
  const texts = (await readFile(join(folder, digestFile(digests, 'heads')), 'utf8')).split('\n').slice(0, -1);
  return parseHeads(tenant, texts) ?? [];
}

/** Writes all digests as the lines now are. @param sign without it the old signatures stay */
export async function restate(folder: string, sign?: (text: string) => Promise<Uint8Array>): Promise<void> {
  const { tenant, chains, digests } = await manifestOf(folder);
  const hashes = new Map<string, string[]>();
  for (const { chain } of chains) hashes.set(chain, hashesOf(tenant, chain, await linesOf(folder, chain)));
  const hashAt = (chain: string, seq: number) => hashes.get(chain)?.[seq] ?? '';

  let previous: string | null = null;
  for (let number = 1; number <= digests; number += 1) {
    const read = (part: 'json' | 'heads' | 'periods') => readFile(join(folder, digestFile(number, part)), 'utf8');
    const old = parseStatement(await read('json'));
    const heads = parseHeads(old?.tenant ?? '', (await read('heads')).split('\n').slice(0, -1));
    if (!old || !heads) throw new Error(`Digest ${number} cannot be read`);
    const periods = (await read('periods'))
      .split('\n')
      .slice(0, -1)
      .flatMap((text) => parsePeriod(old.tenant, text) ?? []);
    const headTexts = heads.map(({ chain, seq }): string => headText(tenant, { chain, seq, hash: hashAt(chain, seq) }));
    const periodTexts = periods.map(({ chain, from, to }): string =>
      periodText(tenant, { chain, from, to, root: rootOf((hashes.get(chain) ?? []).slice(from, to + 1)) }),
    );
    const statement: string = statementText({
      tenant,
      number,
      at: old.at,
      previous,
      heads: rootOf(headTexts),
      events: rootOf(periodTexts),
    });
    previous = sha256(statement);
    const signature = sign ? await sign(statement) : await readFile(join(folder, digestFile(number, 'sig')));
    await writeDigest(folder, { number, statement, signature, heads: headTexts, periods: periodTexts });
  }
}

/** Makes the export that of another tenant, whose history is like it, sound and signed. @returns the tenant */
export async function becomeOtherTenant(folder: string): Promise<string> {
  const manifest = await manifestOf(folder);
  const tenant = manifest.tenant === 'CU_OTHER' ? 'CU_ANOTHER' : 'CU_OTHER';
  await writeManifest(folder, { ...manifest, tenant });
  for (const { chain } of manifest.chains) {
    const lines = await linesOf(folder, chain);
    await replaceLines(
      folder,
      chain,
      lines.map((line) => line.replaceAll(`"${manifest.tenant}"`, `"${tenant}"`)),
    );
  }
  const signer = createKeySigner(makePrivateKey());
  await restate(folder, (text) => signer.sign(Buffer.from(text)));
  await writeFile(join(folder, PUBLIC_KEY_FILE), await signer.publicKeyPem());
  return tenant;
}

/** @throws Error where the folder is no export */
export async function manifestOf(folder: string): Promise<Manifest> {
  const manifest = parseManifest(await readFile(join(folder, MANIFEST_FILE), 'utf8'));
  if (!manifest) throw new Error(`There is no export in ${folder}`);
  return manifest;
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(join(folder, MANIFEST_FILE), manifestText(manifest));
}

export async function linesOf(folder: string, chain: string): Promise<string[]> {
  return (await readFile(join(folder, chainFile(chain)), 'utf8')).split('\n').slice(0, -1);
}

/** Writes lines and leaves the manifest as it is. */
export async function writeLines(folder: string, chain: string, lines: readonly string[]): Promise<void> {
  await writeFile(join(folder, chainFile(chain)), textOf(lines));
}

/** Writes lines and what the manifest says of them. */
export async function replaceLines(folder: string, chain: string, lines: readonly string[]): Promise<void> {
  await writeLines(folder, chain, lines);
  const manifest = await manifestOf(folder);
  const head = hashesOf(manifest.tenant, chain, lines).at(-1) ?? '';
  const chains = manifest.chains.map((each) => (each.chain === chain ? { chain, events: lines.length, head } : each));
  await writeManifest(folder, { ...manifest, chains });
}

/** @returns hash(0) and those of all lines */
function hashesOf(tenant: string, chain: string, lines: readonly string[]): string[] {
  let hash = genesisHash(fullChainName({ tenantId: tenant, chain }), sha256);
  return [hash, ...lines.map((line) => (hash = linkHash(hash, line, sha256)))];
}

/** Where an event is damaged. */
interface Target {
  chain: string;
  lines: string[];
  /** Place of the event among the lines, in the middle. */
  at: number;
}

/** @returns targets in the chains, the longest first */
async function targetsIn(folder: string): Promise<Target[]> {
  const heads = await headsOf(folder, await manifestOf(folder));
  const covered = heads.filter(({ seq }) => seq > 2).toSorted((a, b) => b.seq - a.seq);
  const targets: Target[] = [];
  for (const { chain, seq } of covered)
    targets.push({ chain, lines: await linesOf(folder, chain), at: Math.floor(seq / 2) });
  return targets;
}

/** @throws Error where the export is too small */
export async function targetIn(folder: string): Promise<Target> {
  const [target] = await targetsIn(folder);
  if (!target) throw new Error('The export has no chain of three events that a digest covers');
  return target;
}

/** @returns targets in two chains @throws Error where the export is too small */
export async function twoTargetsIn(folder: string): Promise<[Target, Target]> {
  const [first, second] = await targetsIn(folder);
  if (!first || !second) throw new Error('The export has no two chains of three events that a digest covers');
  return [first, second];
}

/** @returns the line with the number of its place */
export function numbered(line: string, index: number): string {
  return line.replace(/^\{"seq":\d+/, `{"seq":${index + 1}`);
}

/** @returns the line with its last digit one higher: an amount, a date, an id */
export function withOtherDigit(line: string): string {
  return line.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
}

/** @returns the place in words */
export function placeOf({ chain, at }: Target): string {
  return `chain ${chain} seq ${at + 1}`;
}
