import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { zstdDecompressSync } from 'node:zlib';
import { BODY_DICTIONARY } from '../journal/dictionary.ts';
import type { StoredItem } from './source.ts';

/** Most bytes that a commit may unpack to; a stored item has at most 400 KB. */
export const BODY_MAX_BYTES = 64 * 1024 * 1024;

const ATTRIBUTES = new Set(['pk', 'sk', 'last', 'prev', 'head', 'at', 'body', 'zst', 'registry']);

const dictionary = Buffer.from(BODY_DICTIONARY);

/** The lines of a commit, as the very bytes that were hashed. */
export interface Lines {
  /** Has room for a hash before the first line. Whoever hashes may write over what stands before a line. */
  bytes: Buffer;
  /** Where each line ends: at a newline, the last at the end of the bytes. The first begins at `HASH_LENGTH`. */
  ends: number[];
  /** Whether each byte is a character. */
  isAscii: boolean;
}

export type Body = Lines | { fault: string };

/** Characters of a hash as it is written. */
export const HASH_LENGTH = 64;
const NEWLINE = 0x0a;

/** @returns the lines of a commit, or why there are none */
export function bodyOf(item: StoredItem): Body {
  const strange = Object.keys(item).find((name) => !ATTRIBUTES.has(name));
  if (strange !== undefined) return { fault: `The commit has an unknown attribute "${strange}"` };
  const { body, zst } = item;
  if ((body === undefined) === (zst === undefined))
    return { fault: 'The commit needs either a body or a zst attribute' };
  if (body !== undefined)
    return typeof body === 'string' && body.isWellFormed()
      ? linesOf(Buffer.from(body))
      : { fault: 'The body is no text' };
  if (!(zst instanceof Uint8Array)) return { fault: 'The zst attribute is no binary value' };
  try {
    const bytes = zstdDecompressSync(zst, { dictionary, maxOutputLength: BODY_MAX_BYTES });
    // Faulty bytes must not turn into replacement characters: they would not be what was hashed.
    return isUtf8(bytes) ? linesOf(bytes) : { fault: 'The body cannot be unpacked: it is no UTF-8' };
  } catch (cause) {
    return { fault: `The body cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

function linesOf(text: Buffer): Lines {
  const bytes = Buffer.allocUnsafe(HASH_LENGTH + text.length);
  bytes.set(text, HASH_LENGTH);
  const ends: number[] = [];
  for (let end = bytes.indexOf(NEWLINE, HASH_LENGTH); end >= 0; end = bytes.indexOf(NEWLINE, end + 1)) ends.push(end);
  ends.push(bytes.length);
  return { bytes, ends, isAscii: isAscii(text) };
}
