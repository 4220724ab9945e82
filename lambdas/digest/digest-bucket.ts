import { tenantCode } from '../../src/contract/primitives.ts';
import { ServiceError } from '../../src/dynamodb/errors.ts';
import type { S3Bucket } from '../../src/dynamodb/s3.ts';
import { decodeDigest, encodeDigest } from '../../src/proof/digest-document.ts';
import { keyIdOf } from '../../src/proof/keys.ts';
import type { Digest } from '../../src/proof/port.ts';

/** The bucket of the digests: objects are made once and kept, which its lock holds against everybody. */
export interface DigestBucket {
  /** @returns the tenants that have something here, and be it hidden */
  tenants(): Promise<string[]>;
  /** @throws when the object of this name is none, or another digest */
  get(tenant: string, number: number): Promise<Digest | undefined>;
  /** @throws when a digest of this number or a later one was there, but none of this number is: delete markers hide what was */
  put(digest: Digest): Promise<'stored' | 'exists'>;
  /** @returns the public key (PEM) of one that has signed here. @throws when there is none of this id */
  publicKey(id: string): Promise<string>;
  putPublicKey(pem: string): Promise<void>;
}

const NUMBER_DIGITS = 8;
/** As many as S3 gives at once. Mostly there is none to give. */
const VERSIONS_AT_ONCE = 1_000;
const KEYS = 'keys/';

/** Objects: `<tenant>/digests/<number in 8 digits>.json` and `keys/<key id>.pem`. */
export function createDigestBucket(objects: S3Bucket): DigestBucket {
  const read = async (key: string): Promise<string | undefined> => {
    try {
      return await objects.get(key);
    } catch (error) {
      if (error instanceof ServiceError && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  };
  const create = async (key: string, body: string, contentType: string): Promise<'stored' | 'exists'> => {
    try {
      await objects.create({ key, body, contentType });
      return 'stored';
    } catch (error) {
      // The second: somebody else is writing it right now.
      if (error instanceof ServiceError && /^(?:PreconditionFailed|ConditionalRequestConflict)$/.test(error.name))
        return 'exists';
      throw error;
    }
  };
  return {
    async tenants() {
      const names = (await objects.folders()).map((folder) => folder.slice(0, -1));
      return names.filter((name) => tenantCode.safeParse(name).success);
    },

    async get(tenant, number) {
      const name = keyOf(tenant, number);
      const document = await read(name);
      if (document === undefined) return undefined;
      const digest = decodeDigest(document);
      // Else one under another's name would be taken for that one's, and copied among the other tenant's.
      if (digest.tenant !== tenant || digest.number !== number)
        throw new Error(`Cannot read "${name}": it is digest ${digest.number} of ${digest.tenant}`);
      return digest;
    },

    async put(digest) {
      const { tenant, number } = digest;
      // Also for the first: a series of which nothing is to be seen any more is not begun anew.
      const before = keyOf(tenant, number - 1);
      const versions = await objects.versions({ prefix: digestsOf(tenant), after: before, limit: VERSIONS_AT_ONCE });
      const kept = versions.filter(({ key }) => key > before);
      const own = kept.filter(({ key }) => key === keyOf(tenant, number));
      if (own.some(({ isLatest, isMarker }) => isLatest && !isMarker)) return 'exists';
      if (own.length > 0)
        throw new Error(`Cannot keep digest ${number} of ${tenant}: there was one, and a delete marker hides it`);
      if (kept.length > 0)
        throw new Error(`Cannot keep digest ${number} of ${tenant}: it is missing, and the bucket holds later ones`);
      return create(keyOf(tenant, number), encodeDigest(digest), 'application/json');
    },

    async publicKey(id) {
      const name = `${KEYS}${id}.pem`;
      const pem = await read(name);
      if (pem === undefined || keyIdOf(pem) !== id)
        throw new Error(`Cannot read "${name}": it is not the key of its name`);
      return pem;
    },

    async putPublicKey(pem) {
      await create(`${KEYS}${keyIdOf(pem)}.pem`, pem, 'application/x-pem-file');
    },
  };
}

function digestsOf(tenant: string): string {
  return `${tenant}/digests/`;
}

function keyOf(tenant: string, number: number): string {
  return `${digestsOf(tenant)}${String(number).padStart(NUMBER_DIGITS, '0')}.json`;
}
