import { Buffer } from 'node:buffer';
import * as z from 'zod';
import { PublicKeys } from '../proof/keys.ts';
import { readDigest, type SoundDigest } from '../proof/read-digest.ts';
import type { StoredItem } from './source.ts';

/** What a copy holds: the digest, and the public half of the key that signed it. */
const copyDocument = z.object({
  seq: z.int(),
  statement: z.string(),
  /** DER, base64. */
  signature: z.string(),
  key: z.string(),
  /** PEM. */
  publicKey: z.string(),
  heads: z.array(z.string()),
  periods: z.array(z.string()),
});

/** Reads a row as the copy of the digest of this number: the digest, or what is wrong with the copy, as the end of a sentence about it. */
export type CopyReader = (row: StoredItem, number: number) => SoundDigest | { fault: string };

/**
 * A copy is checked by itself: its form, its leaves, and that its signature is that of the key which came along with it. Whether
 * that key is the ledger's is for others to say; but only sound digests are copied, so one that is not sound was changed.
 */
export function createCopyReader(tenant: string): CopyReader {
  // Most digests are signed by the same key as the one before.
  let known: { pem: string; keys: PublicKeys } | undefined;
  const keysOf = (pem: string): PublicKeys => {
    if (known?.pem !== pem) known = { pem, keys: new PublicKeys([pem]) };
    return known.keys;
  };

  return (row, number) => {
    const copy = documentOf(row);
    if (!copy) return { fault: 'cannot be read' };
    if (copy.seq !== number) return { fault: `was changed: it says that it is digest ${copy.seq}` };
    try {
      const keys = keysOf(copy.publicKey);
      if (!keys.ids.includes(copy.key)) return { fault: 'was changed: its public key is not the one that it names' };
      const read = readDigest({ ...copy, signature: Buffer.from(copy.signature, 'base64') }, { tenant, number, keys });
      if (!('fault' in read)) return read;
      return { fault: `was changed: ${read.fault.replace(/^./, (letter) => letter.toLowerCase())}` };
    } catch {
      return { fault: 'was changed: its public key is none' };
    }
  };
}

function documentOf({ doc }: StoredItem): z.infer<typeof copyDocument> | undefined {
  try {
    return copyDocument.safeParse(JSON.parse(String(doc))).data;
  } catch {
    return undefined;
  }
}
