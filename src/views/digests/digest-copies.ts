import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../proof/port.ts';
import { digestCountKey, digestKey } from '../keys.ts';
import type { ViewStore } from '../port.ts';
import type { DigestRow } from './digest-row.ts';

/** A digest with the public half of the key that signed it, as PEM. */
export interface CopiedDigest extends Digest {
  publicKey: string;
}

/** @returns how many digests of a tenant are copied: those from 1 to this number */
export async function countDigests(views: ViewStore, tenantId: string): Promise<number> {
  const [count] = await views.get([digestCountKey(tenantId)]);
  return count?.seq ?? 0;
}

/**
 * Copies the digest after those that are copied. It may be copied already, by somebody else or by a process that ended before
 * it had counted: then the copy has to be the same.
 * @throws when the digest is not the next one, or another digest stands under its number
 */
export async function copyDigest(views: ViewStore, copied: CopiedDigest): Promise<void> {
  const { tenant, number } = copied;
  const key = digestKey(tenant, number);
  const row = rowOf(copied);
  const count = await countDigests(views, tenant);
  if (number > count + 1) throw new RangeError(`Cannot copy digest ${number} of ${tenant}: ${count} are copied`);
  if (!(await views.advance({ key, from: 0, to: row }))) {
    const [kept] = await views.get([key]);
    if (!isDeepStrictEqual(kept, row))
      throw new Error(`Cannot copy digest ${number} of ${tenant}: another one stands under its number`);
  }
  // Else somebody else has counted it meanwhile.
  if (number === count + 1) await views.advance({ key: digestCountKey(tenant), from: count, to: { seq: number } });
}

/** @returns a digest, or undefined where there is none of the number */
export async function readDigestCopy(
  views: ViewStore,
  tenantId: string,
  number: number,
): Promise<CopiedDigest | undefined> {
  const [row] = await views.get([digestKey(tenantId, number)]);
  return row && copiedOf(tenantId, row);
}

/**
 * Reads digests, the newest first.
 * @param options.before only those of lower numbers; undefined for all
 * @returns how many there are in all, and up to `limit` of them
 */
export async function readDigestCopies(
  views: ViewStore,
  options: { tenantId: string; before?: number | undefined; limit: number },
): Promise<{ count: number; digests: CopiedDigest[] }> {
  const { tenantId, before = Infinity, limit } = options;
  const count = await countDigests(views, tenantId);
  const newest = Math.min(before - 1, count);
  const length = Math.max(0, Math.min(limit, newest));
  const rows = await views.get(Array.from({ length }, (_, index) => digestKey(tenantId, newest - index)));
  return { count, digests: rows.flatMap((row) => (row ? [copiedOf(tenantId, row)] : [])) };
}

function rowOf({ number, statement, signature, key, publicKey, heads, periods }: CopiedDigest): DigestRow {
  return {
    seq: number,
    statement,
    signature: Buffer.from(signature).toString('base64'),
    key,
    publicKey,
    heads,
    periods,
  };
}

function copiedOf(
  tenant: string,
  { seq, statement, signature, key, publicKey, heads, periods }: DigestRow,
): CopiedDigest {
  const bytes = Buffer.from(signature, 'base64');
  return { tenant, number: seq, statement, signature: bytes, key, publicKey, heads, periods };
}
