import { CATALOG } from '../../src/core/chain/name.ts';
import type { Journal } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import type { ChainFault } from '../../src/proof/faults.ts';
import { keyIdOf } from '../../src/proof/keys.ts';
import { type DigestOutcome, makeDigest } from '../../src/proof/make-digest.ts';
import type { Digest, DigestStore, Signer } from '../../src/proof/port.ts';
import { keepRefusal } from '../../src/views/digests/digest-refusal.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { createCopiedDigests } from './copied-digests.ts';
import type { DigestBucket } from './digest-bucket.ts';

/** What came of a tenant. */
export interface TenantDigest {
  tenantId: string;
  outcome: DigestOutcome['outcome'];
  /** The last digest that there is now, and the id of the key that signed it; null where there is none. */
  number: number | null;
  key: string | null;
  /** SHA-256 of its statement: with the number what is worth keeping of it. */
  sha256: string | null;
  /** Whether all is covered that there was; else the next run goes on from there. */
  isComplete: boolean;
  /** Why nothing was signed: one for each chain that does not verify. */
  faults: ChainFault[];
}

/**
 * Gives a function that makes a tenant's next digest, keeps it in the bucket and copies it to the views, or keeps there why not. The signer's public key
 * is kept in the bucket before its first digest. Keys of signers before it are read from there, but which they are is told by
 * `formerKeys`: the bucket alone is not believed.
 * The function is given `isEnough`: once that says so it signs what it has read.
 */
export function createTenantDigests(options: {
  journal: Journal;
  views: ViewStore;
  bucket: DigestBucket;
  signer: Signer;
  now: () => string;
  /** Ids of the public keys of signers before this one. */
  formerKeys?: readonly string[];
}): (tenantId: string, isEnough: () => boolean) => Promise<TenantDigest> {
  const { journal, views, bucket, signer, now, formerKeys: known = [] } = options;
  /** Public keys that are in the bucket, by their ids. */
  const keys = new Map<string, string>();
  const publicKeyOf = async (id: string): Promise<string> => {
    const own = await signer.publicKeyPem();
    if (id === keyIdOf(own)) return own;
    if (!known.includes(id))
      throw new Error(`Cannot trust key ${id}: it is not the one that signs now, nor told as one before it`);
    const pem = keys.get(id) ?? (await bucket.publicKey(id));
    keys.set(id, pem);
    return pem;
  };
  const copied = createCopiedDigests({ bucket, views, publicKeyOf });

  const keepKey = async (): Promise<void> => {
    const own = await signer.publicKeyPem();
    if (keys.has(keyIdOf(own))) return;
    await bucket.putPublicKey(own);
    keys.set(keyIdOf(own), own);
  };

  /** For a tenant whose digests are hidden while its journal is there this is told when the next one is kept. */
  const refuseHidden = async (tenantId: string): Promise<void> => {
    if (await journal.commitAt({ tenantId, chain: CATALOG }, 1)) return;
    if ((await bucket.tenants()).includes(tenantId))
      throw new Error(`Cannot find digest 1 of ${tenantId}: it was there, and is not any more, nor is the journal`);
  };

  return async (tenantId, isEnough) => {
    // Looked up before, for the key that signed it: until somebody else makes the next one it is the latest.
    const caughtUp = await copied.catchUp(tenantId, isEnough);
    let { latest } = caughtUp;
    if (!caughtUp.isComplete) return { ...resultOf(tenantId, latest), outcome: 'unchanged', isComplete: false };
    if (!latest) await refuseHidden(tenantId);
    let isFresh = true;
    const store: DigestStore = {
      ...copied,
      async latest(tenant) {
        if (!isFresh) latest = await copied.latest(tenant);
        isFresh = false;
        return latest;
      },
      async put(digest) {
        await keepKey();
        return copied.put(digest);
      },
    };
    const own = keyIdOf(await signer.publicKeyPem());
    const formerKeys = latest && latest.key !== own ? [await publicKeyOf(latest.key)] : [];
    const made = await makeDigest({ tenant: tenantId, journal, store, signer, now, formerKeys, isEnough });
    const { outcome } = made;
    const refused = outcome === 'refused' ? made.faults : [];
    await keepRefusal(views, tenantId, { at: now(), number: latest?.number ?? null, faults: refused });
    if (outcome === 'made') return { ...resultOf(tenantId, made.digest), outcome, isComplete: made.isComplete };
    return { ...resultOf(tenantId, latest), outcome, isComplete: true, faults: refused };
  };
}

function resultOf(
  tenantId: string,
  last: Digest | undefined,
): Pick<TenantDigest, 'tenantId' | 'number' | 'key' | 'sha256' | 'faults'> {
  const hash = last ? sha256(last.statement) : null;
  return { tenantId, number: last?.number ?? null, key: last?.key ?? null, sha256: hash, faults: [] };
}
