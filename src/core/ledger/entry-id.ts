/**
 * An entry's id names its place: chain and seq of its event, so that finding it needs no index, and the first 48 bits of
 * its command's key, so that no other entry can be taken for it.
 */
export function entryIdOf(options: { chain: string; seq: number; key: string }): string {
  return `ent_${options.chain}_${options.seq}_${options.key.slice(0, 12)}`;
}

/** @returns where the entry stands, or undefined where the text is no entry id */
export function parseEntryId(entryId: string): { chain: string; seq: number } | undefined {
  const match = /^ent_(\d\d)_([1-9]\d{0,14})_[0-9a-f]{12}$/.exec(entryId);
  return match?.[1] !== undefined && match[2] !== undefined ? { chain: match[1], seq: Number(match[2]) } : undefined;
}
