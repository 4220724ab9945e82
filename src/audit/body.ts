import { gunzipSync } from 'node:zlib';
import type { StoredItem } from './source.ts';

/** Most bytes that a commit may unpack to; a stored item has at most 400 KB. */
export const BODY_MAX_BYTES = 64 * 1024 * 1024;

const ATTRIBUTES = new Set(['pk', 'sk', 'last', 'prev', 'head', 'at', 'body', 'gz', 'registry']);

export type Body = { lines: string[] } | { fault: string };

/** Reads the lines of a commit as the very bytes that were hashed. */
export function bodyOf(item: StoredItem): Body {
  const strange = Object.keys(item).find((name) => !ATTRIBUTES.has(name));
  if (strange !== undefined) return { fault: `The commit has an unknown attribute "${strange}"` };
  const { body, gz } = item;
  if ((body === undefined) === (gz === undefined)) return { fault: 'The commit needs either a body or a gz attribute' };
  if (body !== undefined)
    return typeof body === 'string' ? { lines: body.split('\n') } : { fault: 'The body is no text' };
  if (!(gz instanceof Uint8Array)) return { fault: 'The gz attribute is no binary value' };
  try {
    const bytes = gunzipSync(gz, { maxOutputLength: BODY_MAX_BYTES });
    // Faulty bytes must not turn into replacement characters, nor a byte order mark vanish: they would not be what was hashed.
    return { lines: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split('\n') };
  } catch (cause) {
    return { fault: `The body cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}
