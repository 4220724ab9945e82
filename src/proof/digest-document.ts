import { Buffer } from 'node:buffer';
import { parseStatement } from './statement.ts';
import type { Digest } from './port.ts';

/** @returns the digest as the JSON document that a store keeps */
export function encodeDigest({ statement, signature, key, heads, periods }: Digest): string {
  return JSON.stringify({ statement, signature: Buffer.from(signature).toString('base64'), key, heads, periods });
}

/** Reads a document of a store. Whether the digest is sound is another matter. @throws when it is no digest */
export function decodeDigest(document: string): Digest {
  const { statement, signature, key, heads, periods } = JSON.parse(document);
  const said = typeof statement === 'string' ? parseStatement(statement) : undefined;
  if (!said || typeof signature !== 'string' || typeof key !== 'string' || !isTexts(heads) || !isTexts(periods))
    throw new Error('Cannot read a digest: the document is none');
  const { tenant, number } = said;
  return { tenant, number, statement, signature: Buffer.from(signature, 'base64'), key, heads, periods };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
