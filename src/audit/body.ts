import { zstdDecompressSync } from 'node:zlib';
import { BODY_DICTIONARY } from '../journal/dictionary.ts';
import type { StoredItem } from './source.ts';

/** Most bytes that a commit may unpack to; a stored item has at most 400 KB. */
export const BODY_MAX_BYTES = 64 * 1024 * 1024;

const ATTRIBUTES = new Set(['pk', 'sk', 'last', 'prev', 'head', 'at', 'body', 'zst', 'registry']);

const dictionary = Buffer.from(BODY_DICTIONARY);

export type Body = { lines: string[] } | { fault: string };

/** Reads the lines of a commit as the very bytes that were hashed. */
export function bodyOf(item: StoredItem): Body {
  const strange = Object.keys(item).find((name) => !ATTRIBUTES.has(name));
  if (strange !== undefined) return { fault: `The commit has an unknown attribute "${strange}"` };
  const { body, zst } = item;
  if ((body === undefined) === (zst === undefined))
    return { fault: 'The commit needs either a body or a zst attribute' };
  if (body !== undefined)
    return typeof body === 'string' ? { lines: body.split('\n') } : { fault: 'The body is no text' };
  if (!(zst instanceof Uint8Array)) return { fault: 'The zst attribute is no binary value' };
  try {
    const bytes = zstdDecompressSync(zst, { dictionary, maxOutputLength: BODY_MAX_BYTES });
    // Faulty bytes must not turn into replacement characters, nor a byte order mark vanish: they would not be what was hashed.
    return { lines: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split('\n') };
  } catch (cause) {
    return { fault: `The body cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}
