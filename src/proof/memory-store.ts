import { decodeDigest, encodeDigest } from './digest-document.ts';
import type { Digest, DigestStore } from './port.ts';

/** Digests in memory: the reference for every other store, and the fast one for tests. */
export function createMemoryDigests(): DigestStore {
  const documents = new Map<string, string[]>();
  const decode = (document: string | undefined): Digest | undefined =>
    document === undefined ? undefined : decodeDigest(document);
  return {
    tenants: async () => [...documents.keys()],
    latest: async (tenant) => decode(documents.get(tenant)?.at(-1)),
    get: async (tenant, number) => decode(documents.get(tenant)?.[number - 1]),
    async put(digest) {
      const kept = documents.get(digest.tenant) ?? [];
      if (digest.number <= kept.length) return 'exists';
      if (digest.number > kept.length + 1) throw new RangeError(`There is no digest before number ${digest.number}`);
      documents.set(digest.tenant, [...kept, encodeDigest(digest)]);
      return 'stored';
    },
  };
}
