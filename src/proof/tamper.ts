import { Buffer } from 'node:buffer';
import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile, PUBLIC_KEY_FILE } from './export-format.ts';
import { createKeySigner, makePrivateKey } from './keys.ts';
import {
  removeDigest,
  headsOf,
  restate,
  becomeOtherTenant,
  manifestOf,
  writeManifest,
  linesOf,
  writeLines,
  replaceLines,
  targetIn,
  twoTargetsIn,
  numbered,
  withOtherDigit,
  placeOf,
} from './tamper-edits.ts';

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
      return manifest.digests === 1 ? 'digest 1' : `digests 1 to ${manifest.digests}`;
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

/** Nothing that needs no key is left to tell. */
async function rewriteSuffix(folder: string): Promise<string> {
  const target = await targetIn(folder);
  const { chain, lines, at } = target;
  await replaceLines(folder, chain, lines.with(at, withOtherDigit(lines[at] ?? '')));
  return placeOf(target);
}
