import { PublicKeys } from '../../src/proof/keys.ts';
import type { Digest, DigestStore } from '../../src/proof/port.ts';
import { readDigest } from '../../src/proof/read-digest.ts';
import { copyDigest, countDigests } from '../../src/views/digests/digest-copies.ts';
import type { ViewStore } from '../../src/views/port.ts';
import type { DigestBucket } from './digest-bucket.ts';

export interface CopiedDigests extends DigestStore {
  /**
   * Copies what has no copy yet until it is enough.
   * @returns the last digest that has one, and whether all have
   */
  catchUp(tenant: string, isEnough: () => boolean): Promise<{ latest: Digest | undefined; isComplete: boolean }>;
}

/**
 * The bucket as a store of digests, with a copy of each in the views. What is copied is known to be in the bucket, so the
 * latest digest is found by asking for the next ones; those that a process left without a copy get theirs on the way.
 * @param options.publicKeyOf public key (PEM) by its id; asked for each digest that is copied
 */
export function createCopiedDigests(options: {
  bucket: DigestBucket;
  views: ViewStore;
  publicKeyOf: (key: string) => Promise<string>;
}): CopiedDigests {
  const { bucket, views, publicKeyOf } = options;

  /** Copies what is sound alone: the copies are what the API serves. */
  const copy = async (digest: Digest): Promise<void> => {
    const { tenant, number } = digest;
    const publicKey = await publicKeyOf(digest.key);
    const read = readDigest(digest, { tenant, number, keys: new PublicKeys([publicKey]) });
    if ('fault' in read) throw new Error(`Cannot copy digest ${number} of ${tenant}: ${read.fault}`);
    await copyDigest(views, { ...digest, publicKey });
  };

  const store: CopiedDigests = {
    tenants: () => bucket.tenants(),

    get: (tenant, number) => bucket.get(tenant, number),

    latest: async (tenant) => (await store.catchUp(tenant, () => false)).latest,

    async catchUp(tenant, isEnough) {
      const copied = await countDigests(views, tenant);
      let latest: Digest | undefined;
      if (copied > 0) {
        latest = await bucket.get(tenant, copied);
        if (!latest) throw new Error(`Cannot find digest ${copied} of ${tenant}: it was there, and is not any more`);
      }
      // A million of them would not end, but each one is progress: the next run goes on from there.
      for (let next = copied + 1; ; next += 1) {
        const digest = await bucket.get(tenant, next);
        if (!digest) return { latest, isComplete: true };
        if (next > copied + 1 && isEnough()) return { latest, isComplete: false };
        await copy(digest);
        latest = digest;
      }
    },

    async put(digest) {
      const result = await bucket.put(digest);
      if (result === 'stored') await copy(digest);
      return result;
    },
  };
  return store;
}
