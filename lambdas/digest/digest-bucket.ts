import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { decodeDigest, encodeDigest } from '../../src/proof/digest-document.ts';
import { keyIdOf } from '../../src/proof/keys.ts';
import type { Digest } from '../../src/proof/port.ts';

/** The bucket of the digests: objects are made once and kept, which its lock holds against everybody. */
export interface DigestBucket {
  get(tenant: string, number: number): Promise<Digest | undefined>;
  /** @throws when the bucket holds later digests, but none of this number: one is missing */
  put(digest: Digest): Promise<'stored' | 'exists'>;
  /** @returns the public key (PEM) of one that has signed here. @throws when there is none of this id */
  publicKey(id: string): Promise<string>;
  putPublicKey(pem: string): Promise<void>;
}

const NUMBER_DIGITS = 8;
const KEYS = 'keys/';

/** Objects: `<tenant>/digests/<number in 8 digits>.json` and `keys/<key id>.pem`. */
export function createDigestBucket({ client, bucket }: { client: S3Client; bucket: string }): DigestBucket {
  const read = async (key: string): Promise<string | undefined> => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  };
  const create = async (key: string, body: string, type: string): Promise<'stored' | 'exists'> => {
    try {
      const put = { Bucket: bucket, Key: key, Body: body, ContentType: type, IfNoneMatch: '*' };
      await client.send(new PutObjectCommand(put));
      return 'stored';
    } catch (error) {
      // The second: somebody else is writing it right now.
      if (error instanceof Error && /^(?:PreconditionFailed|ConditionalRequestConflict)$/.test(error.name))
        return 'exists';
      throw error;
    }
  };
  const hasLater = async (tenant: string, number: number): Promise<boolean> => {
    const list = { Bucket: bucket, Prefix: digestsOf(tenant), StartAfter: keyOf(tenant, number), MaxKeys: 1 };
    const { Contents = [] } = await client.send(new ListObjectsV2Command(list));
    return Contents.length > 0;
  };

  return {
    async get(tenant, number) {
      const document = await read(keyOf(tenant, number));
      return document === undefined ? undefined : decodeDigest(document);
    },

    async put(digest) {
      const { tenant, number } = digest;
      if (await hasLater(tenant, number)) {
        if ((await read(keyOf(tenant, number))) !== undefined) return 'exists';
        throw new Error(`Cannot keep digest ${number} of ${tenant}: it is missing, and the bucket holds later ones`);
      }
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
