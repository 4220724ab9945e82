import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import {
  chainFile,
  DIGESTS_FOLDER,
  digestFile,
  EXPORT_FORMAT,
  formerKeyFile,
  type Manifest,
  MANIFEST_FILE,
  manifestText,
  PUBLIC_KEY_FILE,
  README_FILE,
  readmeOf,
  VERIFIER_FILE,
} from './export-format.ts';
import { keyIdOf } from './keys.ts';
import type { Digest, PublishedDigest } from './port.ts';

/** Where the verifier lies that goes along with every export. */
export const VERIFIER = new URL('verify.py', import.meta.url);

/**
 * Writes an export into a folder, which is made. It checks nothing: that is up to whoever reads it.
 * @param options.chains in their order, catalog last, each with its lines as they stand in the journal
 * @param options.digests by rising number
 * @returns the manifest, which is written last: a folder without it is no export
 */
export async function writeExport(
  folder: string,
  options: {
    tenant: string;
    /** ISO 8601 UTC. */
    exportedAt: string;
    chains: readonly { chain: string; lines: AsyncIterable<string> | Iterable<string> }[];
    digests: AsyncIterable<PublishedDigest> | Iterable<PublishedDigest>;
  },
): Promise<Manifest> {
  const { tenant, exportedAt } = options;
  await mkdir(join(folder, 'chains'), { recursive: true });
  await mkdir(join(folder, DIGESTS_FOLDER), { recursive: true });
  const manifest: Manifest = { format: EXPORT_FORMAT, tenant, exportedAt, chains: [], digests: 0 };
  for (const { chain, lines } of options.chains)
    manifest.chains.push({ chain, ...(await writeChain(folder, { tenant, chain, lines })) });
  const keys = new Set<string>();
  let lastKey: string | undefined;
  for await (const digest of options.digests) {
    await writeDigest(folder, digest);
    manifest.digests += 1;
    keys.add((lastKey = digest.publicKey));
  }
  for (const pem of keys)
    await writeFile(join(folder, pem === lastKey ? PUBLIC_KEY_FILE : formerKeyFile(keyIdOf(pem))), pem);
  await copyFile(VERIFIER, join(folder, VERIFIER_FILE));
  await writeFile(join(folder, README_FILE), readmeOf({ tenantId: tenant }));
  await writeFile(join(folder, MANIFEST_FILE), manifestText(manifest));
  return manifest;
}

/** Writes the four files of a digest. */
export async function writeDigest(folder: string, digest: Omit<Digest, 'key' | 'tenant'>): Promise<void> {
  const { number, statement, signature, heads, periods } = digest;
  await writeFile(join(folder, digestFile(number, 'json')), statement);
  await writeFile(join(folder, digestFile(number, 'sig')), signature);
  await writeFile(join(folder, digestFile(number, 'heads')), textOf(heads));
  await writeFile(join(folder, digestFile(number, 'periods')), textOf(periods));
}

/** @returns each line ended by a newline */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

async function writeChain(
  folder: string,
  options: { tenant: string; chain: string; lines: AsyncIterable<string> | Iterable<string> },
): Promise<{ events: number; head: string }> {
  const { tenant, chain, lines } = options;
  let [events, head] = [0, genesisHash(fullChainName({ tenantId: tenant, chain }), sha256)];
  await pipeline(
    lines,
    async function* (source: AsyncIterable<string> | Iterable<string>) {
      for await (const line of source) {
        head = linkHash(head, line, sha256);
        events += 1;
        yield `${line}\n`;
      }
    },
    createWriteStream(join(folder, chainFile(chain))),
  );
  return { events, head };
}
