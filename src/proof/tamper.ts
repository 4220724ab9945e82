import { Buffer } from 'node:buffer';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import {
  chainFile,
  digestFile,
  type Manifest,
  MANIFEST_FILE,
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

/** A damage that somebody might do to a ledger's history, as skilfully as it can be done. */
export interface Damage {
  name: string;
  /** What is done. */
  title: string;
  /** Does it to an export. @returns where: chain and seq, or the digest. @throws when the export is too small for it */
  apply(folder: string): Promise<string>;
}

/** Copies an export, damages the copy and leaves the export alone. @returns what was done */
export async function damageCopy(damage: Damage, options: { from: string; to: string }): Promise<string> {
  await cp(options.from, options.to, { recursive: true, errorOnExist: true, force: false });
  return damage.apply(options.to);
}

/**
 * Nobody who does these has the ledger's key. The last two agree with themselves: the one shows to who has the public key from
 * elsewhere, the other to who has kept the last digest.
 */
export const DAMAGES: readonly Damage[] = [
  {
    name: 'byte',
    title: 'changes one byte of an event',
    async apply(folder) {
      const target = await targetIn(folder);
      const { chain, lines, at } = target;
      await writeLines(folder, chain, lines.with(at, withOtherDigit(lines[at] ?? '')));
      return placeOf(target);
    },
  },
  {
    name: 'drop',
    title: 'drops an event',
    async apply(folder) {
      const target = await targetIn(folder);
      const { chain, lines, at } = target;
      await replaceLines(folder, chain, lines.toSpliced(at, 1));
      return placeOf(target);
    },
  },
  {
    name: 'drop-renumber',
    title: 'drops an event, numbers those after it anew and puts the manifest right',
    async apply(folder) {
      const target = await targetIn(folder);
      const { chain, lines, at } = target;
      await replaceLines(folder, chain, lines.toSpliced(at, 1).map(numbered));
      return placeOf(target);
    },
  },
  {
    name: 'cut-tail',
    title: 'cuts off the newest events and puts the manifest right',
    async apply(folder) {
      const { chain, lines } = await targetIn(folder);
      await replaceLines(folder, chain, lines.slice(0, -1));
      return `chain ${chain} seq ${lines.length}`;
    },
  },
  {
    name: 'append',
    title: 'adds an event to the end and puts the manifest right',
    async apply(folder) {
      const { chain, lines, at } = await targetIn(folder);
      await replaceLines(folder, chain, [...lines, lines[at] ?? ''].map(numbered));
      return `chain ${chain} seq ${lines.length + 1}`;
    },
  },
  {
    name: 'other-chain',
    title: 'moves an event to another chain and puts the manifest right',
    async apply(folder) {
      const [from, to] = await twoTargetsIn(folder);
      const event = from.lines[from.at] ?? '';
      await replaceLines(folder, from.chain, from.lines.toSpliced(from.at, 1).map(numbered));
      await replaceLines(folder, to.chain, to.lines.toSpliced(to.at, 0, event).map(numbered));
      return `${placeOf(from)}, to ${placeOf(to)}`;
    },
  },
  {
    name: 'other-tenant',
    title: 'moves an event to another tenant’s chain and puts the manifest there right',
    async apply(folder) {
      const target = await targetIn(folder);
      const { chain, lines, at } = target;
      const tenant = await becomeOtherTenant(folder);
      const others = await linesOf(folder, chain);
      await replaceLines(folder, chain, others.toSpliced(at, 0, lines[at] ?? '').map(numbered));
      return `${placeOf(target)}, to ${tenant}`;
    },
  },
  {
    name: 'swap',
    title: 'swaps two chains, in the manifest too',
    async apply(folder) {
      const [first, second] = await twoTargetsIn(folder);
      await replaceLines(folder, first.chain, second.lines);
      await replaceLines(folder, second.chain, first.lines);
      return `chains ${first.chain} and ${second.chain}`;
    },
  },
  {
    name: 'rewrite',
    title: 'rewrites an event, hashes all that follow anew and puts the manifest right',
    apply: rewriteSuffix,
  },
  {
    name: 'rewrite-digests',
    title: 'rewrites an event, hashes all that follow anew and writes the digests anew under their old signatures',
    async apply(folder) {
      const place = await rewriteSuffix(folder);
      await restate(folder);
      return place;
    },
  },
  {
    name: 'remove-digest',
    title: 'removes a digest and puts the manifest right',
    async apply(folder) {
      const manifest = await manifestOf(folder);
      const number = Math.ceil(manifest.digests / 2);
      await removeDigest(folder, number);
      // The last one that is removed leaves no gap; then only the manifest tells, or who has seen the digest before.
      if (number < manifest.digests) await writeManifest(folder, { ...manifest, digests: manifest.digests - 1 });
      return `digest ${number}`;
    },
  },
  {
    name: 'remove-digests',
    title: 'removes all digests and puts the manifest right',
    async apply(folder) {
      const manifest = await manifestOf(folder);
      for (let number = 1; number <= manifest.digests; number += 1) await removeDigest(folder, number);
      await writeManifest(folder, { ...manifest, digests: 0 });
      return `digests 1 to ${manifest.digests}`;
    },
  },
  {
    name: 'renumber-digests',
    title: 'removes a digest and closes the gap by calling the later ones otherwise',
    async apply(folder) {
      const manifest = await manifestOf(folder);
      if (manifest.digests < 2) throw new Error('There are no two digests');
      for (let number = 2; number <= manifest.digests; number += 1)
        for (const part of ['json', 'sig', 'heads', 'periods'] as const)
          await rename(join(folder, digestFile(number, part)), join(folder, digestFile(number - 1, part)));
      await writeManifest(folder, { ...manifest, digests: manifest.digests - 1 });
      return 'digest 1';
    },
  },
  {
    name: 'forge',
    title:
      'rewrites an event and all that hangs on it, and signs all digests with a key of their own, which is put in place',
    async apply(folder) {
      const place = await rewriteSuffix(folder);
      const signer = createKeySigner(makePrivateKey());
      await restate(folder, (text) => signer.sign(Buffer.from(text)));
      await writeFile(join(folder, PUBLIC_KEY_FILE), await signer.publicKeyPem());
      return place;
    },
  },
  {
    name: 'cut-digest',
    title: 'removes the last digest with all events that only it covers, and puts the manifest right',
    async apply(folder) {
      const manifest = await manifestOf(folder);
      const last = manifest.digests;
      if (last < 2) throw new Error('There are no two digests');
      for (const { chain, seq } of await headsOf(folder, { ...manifest, digests: last - 1 }))
        await replaceLines(folder, chain, (await linesOf(folder, chain)).slice(0, seq));
      await removeDigest(folder, last);
      await writeManifest(folder, { ...(await manifestOf(folder)), digests: last - 1 });
      return `digest ${last}`;
    },
  },
];

async function removeDigest(folder: string, number: number): Promise<void> {
  for (const part of ['json', 'sig', 'heads', 'periods'] as const) await rm(join(folder, digestFile(number, part)));
}

/** @returns the heads in the last digest */
async function headsOf(folder: string, { tenant, digests }: Manifest): Promise<Head[]> {
  const texts = (await readFile(join(folder, digestFile(digests, 'heads')), 'utf8')).split('\n').slice(0, -1);
  return parseHeads(tenant, texts) ?? [];
}

/** Nothing that needs no key is left to tell. */
async function rewriteSuffix(folder: string): Promise<string> {
  const target = await targetIn(folder);
  const { chain, lines, at } = target;
  await replaceLines(folder, chain, lines.with(at, withOtherDigit(lines[at] ?? '')));
  return placeOf(target);
}

/** Writes all digests as the lines now are. @param sign without it the old signatures stay */
async function restate(folder: string, sign?: (text: string) => Promise<Uint8Array>): Promise<void> {
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
async function becomeOtherTenant(folder: string): Promise<string> {
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

async function manifestOf(folder: string): Promise<Manifest> {
  const manifest = parseManifest(await readFile(join(folder, MANIFEST_FILE), 'utf8'));
  if (!manifest) throw new Error(`There is no export in ${folder}`);
  return manifest;
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

async function linesOf(folder: string, chain: string): Promise<string[]> {
  return (await readFile(join(folder, chainFile(chain)), 'utf8')).split('\n').slice(0, -1);
}

async function writeLines(folder: string, chain: string, lines: readonly string[]): Promise<void> {
  await writeFile(join(folder, chainFile(chain)), textOf(lines));
}

/** Writes lines and what the manifest says of them. */
async function replaceLines(folder: string, chain: string, lines: readonly string[]): Promise<void> {
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

async function targetIn(folder: string): Promise<Target> {
  const [target] = await targetsIn(folder);
  if (!target) throw new Error('The export has no chain of three events that a digest covers');
  return target;
}

async function twoTargetsIn(folder: string): Promise<[Target, Target]> {
  const [first, second] = await targetsIn(folder);
  if (!first || !second) throw new Error('The export has no two chains of three events that a digest covers');
  return [first, second];
}

function numbered(line: string, index: number): string {
  return line.replace(/^\{"seq":\d+/, `{"seq":${index + 1}`);
}

/** @returns the line with its last digit one higher: an amount, a date, an id */
function withOtherDigit(line: string): string {
  return line.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
}

function placeOf({ chain, at }: Target): string {
  return `chain ${chain} seq ${at + 1}`;
}
