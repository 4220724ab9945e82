import { createPublicKey, verify } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from './index.ts';
import { openBucket } from './s3/bucket.ts';
import { createFixture, type Fixture } from './testing/fixture.ts';

const require = createRequire(import.meta.url);
const from = (name: string) => JSON.stringify(pathToFileURL(require.resolve(name)).href);
const toArn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const objectsOf = (id: string, path: string) => ({ 'Fn::Join': ['', [toArn(id), `/${path}`]] });

/** Does one thing with the credentials of its role, and tells how it ended. */
const keeper = `
import { S3Client, PutObjectCommand, GetObjectCommand, DeleteObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand } from ${from('@aws-sdk/client-s3')};
import { KMSClient, SignCommand, GetPublicKeyCommand } from ${from('@aws-sdk/client-kms')};
const clients = { s3: new S3Client({ maxAttempts: 1 }), kms: new KMSClient({ maxAttempts: 1 }) };
const commands = { PutObjectCommand, GetObjectCommand, DeleteObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand, SignCommand, GetPublicKeyCommand };
const { BUCKET: Bucket, KEY: KeyId } = process.env;
export const handler = async ({ service, command, input }) => {
  const given = service === 'kms' ? { KeyId, ...input, ...(input.Message && { Message: Buffer.from(input.Message) }) } : { Bucket, ...input };
  try { await clients[service].send(new commands[command](given)); return 'done'; } catch (error) { return error.name; }
};`;

/** As the bucket of the digests has them. */
const everybody = { Effect: 'Deny', Principal: { AWS: '*' }, Resource: objectsOf('Guarded', '*') };
const guards = [
  { ...everybody, Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  { ...everybody, Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'] },
  {
    ...everybody,
    Action: 's3:PutObject',
    Condition: { StringNotEquals: { 'aws:PrincipalArn': toArn('KeeperRole') } },
  },
];

let fixture: Fixture;
let cloud: Cloud;
let s3: S3Client;
let kms: KMSClient;

const connect = async () => {
  cloud = await startCloud({ assemblyDir: fixture.assemblyDir, dataDir: fixture.dataDir });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const options = { endpoint: cloud.endpoints.aws, region: 'ap-southeast-2', credentials, maxAttempts: 1 };
  s3 = new S3Client(options);
  kms = new KMSClient(options);
};
const disconnect = async () => {
  s3.destroy();
  kms.destroy();
  await cloud.stop();
};

beforeAll(async () => {
  fixture = createFixture({
    resources: {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { ObjectLockEnabled: true } },
      Open: { Type: 'AWS::S3::Bucket' },
      Guarded: { Type: 'AWS::S3::Bucket', Properties: { ObjectLockEnabled: true } },
      GuardedPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { Bucket: { Ref: 'Guarded' }, PolicyDocument: { Statement: guards } },
      },
      Key: { Type: 'AWS::KMS::Key', Properties: { KeyUsage: 'SIGN_VERIFY', KeySpec: 'ECC_NIST_P256' } },
      Other: { Type: 'AWS::KMS::Key' },
    },
    functions: {
      Keeper: {
        code: keeper,
        environment: { BUCKET: { Ref: 'Bucket' }, KEY: toArn('Key') },
        properties: { Timeout: 20 },
        statements: [
          {
            Effect: 'Allow',
            Action: ['s3:PutObject', 's3:GetObject'],
            Resource: objectsOf('Bucket', 'ours/*'),
          },
          { Effect: 'Allow', Action: 's3:ListBucket', Resource: toArn('Bucket') },
          { Effect: 'Allow', Action: 's3:*', Resource: objectsOf('Guarded', '*') },
          {
            Effect: 'Allow',
            Action: 'kms:Sign',
            Resource: toArn('Key'),
            Condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' } },
          },
        ],
      },
    },
  });
  await connect();
});
afterAll(async () => {
  await disconnect();
  fixture.remove();
});

const Bucket = 'test-bucket';
const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*', ...more }));
const get = async (Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString('utf8');
const stored = (key: string) => join(fixture.dataDir, 'buckets', Bucket, key);
/** Name and status of a refusal. */
const refused = async (request: Promise<unknown>): Promise<unknown> => {
  try {
    await request;
    return 'done';
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return [name, $metadata?.httpStatusCode];
  }
};
const asKeeper = (service: 'kms' | 's3', command: string, input: object) =>
  cloud.invoke('Keeper', { service, command, input });

describe('objects', () => {
  it('are created once, as files of their owner alone, and never overwritten', async () => {
    await put('ours/a.json', '{"é":1}');
    expect([await get('ours/a.json'), readFileSync(stored('ours/a.json'), 'utf8')]).toEqual(['{"é":1}', '{"é":1}']);
    expect([statSync(stored('ours/a.json')).mode & 0o777, statSync(stored('ours')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    expect(await refused(put('ours/a.json', 'other'))).toEqual(['PreconditionFailed', 412]);
    const plain = new PutObjectCommand({ Bucket, Key: 'ours/a.json', Body: 'other' });
    expect(await refused(s3.send(plain))).toEqual(['NotImplemented', 501]);
    expect(await get('ours/a.json')).toBe('{"é":1}');
    expect(await refused(get('ours/none.json'))).toEqual(['NoSuchKey', 404]);
    expect(await refused(get('ours'))).toEqual(['NoSuchKey', 404]);
    const elsewhere = new GetObjectCommand({ Bucket: 'another', Key: 'a' });
    expect(await refused(s3.send(elsewhere))).toEqual(['NoSuchBucket', 404]);
  });

  it('that are deleted are hidden, and stand in the list of versions with the marker that hides them', async () => {
    await put('hidden/a', 'first');
    await put('hidden/b', 'second');
    const remove = (more: object) => s3.send(new DeleteObjectCommand({ Bucket, Key: 'hidden/a', ...more }));
    expect(await remove({})).toMatchObject({ DeleteMarker: true });
    expect(await refused(get('hidden/a'))).toEqual(['NoSuchKey', 404]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'hidden/' }));
    expect(Contents.map(({ Key }) => Key)).toEqual(['hidden/b']);
    const versions = async (more: object = {}) => {
      const given = { Bucket, Prefix: 'hidden/', ...more };
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand(given));
      return [Versions, DeleteMarkers].map((each) => each.map(({ Key, IsLatest }) => [Key, IsLatest]));
    };
    const both = [
      ['hidden/a', false],
      ['hidden/b', true],
    ];
    expect(await versions()).toEqual([both, [['hidden/a', true]]]);
    expect(await versions({ KeyMarker: 'hidden/a' })).toEqual([[['hidden/b', true]], []]);
    expect(await versions({ MaxKeys: 1 })).toEqual([[], [['hidden/a', true]]]);
    expect(readFileSync(stored('hidden/a'), 'utf8')).toBe('first');
    // What AWS would do, and the local cloud does not.
    expect(await refused(remove({ VersionId: 'version' }))).toEqual(['NotImplemented', 501]);
    expect(await refused(put('hidden/a', 'other'))).toEqual(['PreconditionFailed', 412]);
  });

  it('in a bucket whose policy denies are kept from whoever it names, the administrator included', async () => {
    const at = { Bucket: 'test-guarded', Key: 'a' };
    const keeping = (command: string, more: object = {}) => asKeeper('s3', command, { ...at, ...more });
    expect(await keeping('PutObjectCommand', { Body: '1' })).toBe('done');
    expect(await keeping('DeleteObjectCommand')).toBe('AccessDenied');
    expect(await keeping('DeleteObjectCommand', { VersionId: 'version' })).toBe('AccessDenied');
    expect(await refused(put('b', '1', { Bucket: at.Bucket }))).toEqual(['AccessDenied', 403]);
    expect(await refused(s3.send(new DeleteObjectCommand(at)))).toEqual(['AccessDenied', 403]);
    expect(await refused(s3.send(new GetObjectCommand(at)))).toBe('done');
  });

  it('of several writers at once are one writer’s, whole', async () => {
    const bodies = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    const results = await Promise.all(bodies.map((body) => refused(put('ours/race', body))));
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(await get('ours/race')).toBe(bodies[results.indexOf('done')]);
    expect(readdirSync(stored('ours'), { recursive: true }).filter((name) => String(name).includes('.new'))).toEqual(
      [],
    );
  });

  it('are listed in the order of their keys, page by page, from a prefix and after a key', async () => {
    const keys = Array.from({ length: 7 }, (_, index) => `list/n/${String(index).padStart(3, '0')}.json`);
    for (const key of keys.toReversed()) await put(key, '1');
    await put('listed', '1');
    const list = async (more: object) => s3.send(new ListObjectsV2Command({ Bucket, ...more }));
    const found: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await list({
        Prefix: 'list/',
        MaxKeys: 3,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      expect(page.Contents?.length).toBe(page.KeyCount);
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(found).toEqual(keys);
    const after = await list({ Prefix: 'list/n/', StartAfter: keys[4] });
    expect(after.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
      [keys[5], 1],
      [keys[6], 1],
    ]);
    expect((await list({ Prefix: 'list' })).KeyCount).toBe(8);
    expect((await list({ Prefix: 'list/n/', StartAfter: keys[6] })).Contents).toBeUndefined();
    expect((await list({ Prefix: '../' })).KeyCount).toBe(0);
  });

  it('are listed by what their keys begin with, once each, also where all of them are hidden', async () => {
    for (const key of ['by/a/1', 'by/a/2', 'by/b', 'by/c/1', 'by/c/d/2', 'by/e/1']) await put(key, '1');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'by/e/1' }));
    const given = { Bucket, Prefix: 'by/', Delimiter: '/' };
    type Keys = { Key?: string | undefined }[] | undefined;
    type Page = { CommonPrefixes?: { Prefix?: string | undefined }[] | undefined; Contents?: Keys; Versions?: Keys };
    const namesOf = ({ CommonPrefixes = [], Contents = [], Versions = [] }: Page) => [
      ...CommonPrefixes.map(({ Prefix }) => Prefix),
      ...[...Contents, ...Versions].map(({ Key }) => Key),
    ];
    const all = await s3.send(new ListObjectsV2Command(given));
    expect([namesOf(all), all.KeyCount]).toEqual([['by/a/', 'by/c/', 'by/b'], 3]);
    expect(namesOf(await s3.send(new ListObjectVersionsCommand(given)))).toEqual(['by/a/', 'by/c/', 'by/e/', 'by/b']);

    const pages: (string | undefined)[][] = [];
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await s3.send(new ListObjectsV2Command({ ...given, MaxKeys: 1, ContinuationToken: token }));
      pages.push(namesOf(page));
      token = page.NextContinuationToken;
    }
    expect(pages).toEqual([['by/a/'], ['by/b'], ['by/c/']]);
    const versions: (string | undefined)[][] = [];
    for (let marker: string | undefined, more = true; more; more = marker !== undefined) {
      const page = await s3.send(new ListObjectVersionsCommand({ ...given, MaxKeys: 1, KeyMarker: marker }));
      versions.push(namesOf(page));
      marker = page.NextKeyMarker;
    }
    expect(versions).toEqual([['by/a/'], ['by/b'], ['by/c/'], ['by/e/']]);
  });

  it.each(['../../escape', 'a/../../escape', '.hidden', 'a//b', 'a/', 'a\\b', 'a\u0000b', 'x'.repeat(300), 'a/b<c>&'])(
    'are not kept under %j, which is refused',
    async (key) => {
      const before = readdirSync(fixture.dataDir, { recursive: true }).length;
      const encoded = key
        .split('')
        .map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)
        .join('');
      const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261122/ap-southeast-2/s3/aws4_request, Signature=0';
      const headers = { authorization, 'content-md5': 'xMpCOKC5I4INzFCab3WEmw==', 'if-none-match': '*' };
      for (const method of ['PUT', 'GET']) {
        const url = `${cloud.endpoints.aws}/${Bucket}/${encoded}`;
        const answer = await fetch(url, { method, headers, ...(method === 'PUT' && { body: '1' }) });
        expect([400, 404]).toContain(answer.status);
      }
      expect(readdirSync(fixture.dataDir, { recursive: true }).length).toBe(before);
      expect(existsSync(join(fixture.dataDir, 'escape'))).toBe(false);
    },
  );

  it('are kept nowhere else, whoever asks', () => {
    const bucket = openBucket(join(fixture.dataDir, 'buckets', Bucket));
    for (const key of ['../escape', '/etc/passwd', '']) {
      expect(() => bucket.create(key, Buffer.from('1'))).toThrow('Cannot keep an object under');
      expect(() => bucket.get(key)).toThrow('Cannot keep an object under');
    }
  });

  it('in a bucket with a lock come with a sum of their bytes, which must be right', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261122/ap-southeast-2/s3/aws4_request, Signature=0';
    const send = async (bucket: string, sums: Record<string, string>) => {
      const url = `${cloud.endpoints.aws}/${bucket}/ours/${Math.random().toString(36).slice(2)}`;
      const answer = await fetch(url, { method: 'PUT', body: '1', headers: { authorization, ...sums } });
      return [answer.status, /<Code>(\w+)</.exec(await answer.text())?.[1]];
    };
    expect(await send(Bucket, {})).toEqual([400, 'InvalidRequest']);
    expect(await send('test-open', {})).toEqual([200, undefined]);
    expect(await send(Bucket, { 'content-md5': 'xMpCOKC5I4INzFCab3WEmw==' })).toEqual([200, undefined]);
    expect(await send(Bucket, { 'x-amz-checksum-crc32': 'AAAAAA==' })).toEqual([400, 'BadDigest']);
  });

  it('are for whom a policy says', async () => {
    expect(await asKeeper('s3', 'PutObjectCommand', { Key: 'ours/k', Body: '1' })).toBe('done');
    expect(await asKeeper('s3', 'GetObjectCommand', { Key: 'ours/k' })).toBe('done');
    expect(await asKeeper('s3', 'GetObjectCommand', { Key: 'ours/missing' })).toBe('NoSuchKey');
    expect(await asKeeper('s3', 'PutObjectCommand', { Key: 'theirs/k', Body: '1' })).toBe('AccessDenied');
    expect(await asKeeper('s3', 'ListObjectsV2Command', {})).toBe('done');
    expect(await asKeeper('s3', 'ListObjectsV2Command', { Bucket: 'test-open' })).toBe('AccessDenied');
    expect(await asKeeper('s3', 'ListObjectVersionsCommand', {})).toBe('AccessDenied');
    expect(await asKeeper('s3', 'DeleteObjectCommand', { Key: 'ours/k' })).toBe('AccessDenied');
  });

  it.each([
    ['allows', { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }],
    ['speaks of some', { Effect: 'Deny', Principal: { AWS: 'arn:aws:iam::1:root' }, Action: 's3:*', Resource: '*' }],
  ])('in a bucket whose policy %s are not served by oversight: the start is refused', async (_, statement) => {
    const other = createFixture({
      resources: {
        Bucket: { Type: 'AWS::S3::Bucket' },
        Policy: {
          Type: 'AWS::S3::BucketPolicy',
          Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: { Statement: [statement] } },
        },
      },
    });
    try {
      await expect(startCloud({ assemblyDir: other.assemblyDir })).rejects.toThrow(
        'Cannot evaluate Policy: the local cloud knows bucket policies that deny everybody',
      );
    } finally {
      other.remove();
    }
  });
});

describe('a key', () => {
  const KeyId = 'Test-Key';
  const message = Buffer.from('{"format":"turingcore-digest/1"}');
  const SigningAlgorithm = 'ECDSA_SHA_256' as const;
  const publicKey = async () => {
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
    return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  };
  const sign = (more: object = {}) =>
    kms.send(new SignCommand({ KeyId, Message: message, MessageType: 'RAW', SigningAlgorithm, ...more }));

  it('signs what its public half verifies', async () => {
    const { Signature = new Uint8Array() } = await sign();
    expect(verify('sha256', message, await publicKey(), Signature)).toBe(true);
    expect(verify('sha256', Buffer.from('other'), await publicKey(), Signature)).toBe(false);
  });

  it('refuses what it cannot do, by KMS’s names', async () => {
    expect(await refused(sign({ KeyId: 'none' }))).toEqual(['NotFoundException', 400]);
    expect(await refused(sign({ KeyId: 'Test-Other' }))).toEqual(['NotFoundException', 400]);
    expect(await refused(sign({ Message: Buffer.alloc(4_097) }))).toEqual(['ValidationException', 400]);
    expect(await refused(sign({ SigningAlgorithm: 'ECDSA_SHA_384' }))).toEqual(['InvalidKeyUsageException', 400]);
    const digest = { Message: Buffer.alloc(32), MessageType: 'DIGEST' };
    expect(await refused(sign(digest))).toEqual(['UnsupportedOperationException', 400]);
  });

  it('is for whom a policy says, and for the algorithm that it names', async () => {
    const input = { Message: 'text', MessageType: 'RAW', SigningAlgorithm };
    expect(await asKeeper('kms', 'SignCommand', input)).toBe('done');
    const other = { ...input, SigningAlgorithm: 'ECDSA_SHA_384' };
    expect(await asKeeper('kms', 'SignCommand', other)).toBe('AccessDeniedException');
    expect(await asKeeper('kms', 'GetPublicKeyCommand', {})).toBe('AccessDeniedException');
  });

  it('is the same after a restart, and so are objects; what is not whole is not there', async () => {
    const before = (await publicKey()).export({ type: 'spki', format: 'pem' });
    await put('ours/kept', 'kept');
    await disconnect();
    // As a machine leaves it that stops while an object is written.
    writeFileSync(stored('ours/.0000.new'), 'kep');
    await connect();
    expect((await publicKey()).export({ type: 'spki', format: 'pem' })).toBe(before);
    expect(await get('ours/kept')).toBe('kept');
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'ours/' }));
    expect(Contents.map(({ Key }) => Key)).not.toContain('ours/.0000.new');
    expect(Contents.map(({ Key }) => Key)).toContain('ours/kept');
  });

  it('whose file is damaged is not replaced by another one: the start is refused, and says why', async () => {
    const path = join(fixture.dataDir, 'kms', 'Key.pem');
    const pem = readFileSync(path, 'utf8');
    await disconnect();
    try {
      for (const damaged of ['', pem.slice(0, 60), pem.replace(/[a-z]/g, 'x')]) {
        writeFileSync(path, damaged);
        const starting = startCloud({ assemblyDir: fixture.assemblyDir, dataDir: fixture.dataDir });
        await expect(starting).rejects.toThrow(/Key\.pem": it is (?:empty|no private key on P-256)/);
      }
    } finally {
      writeFileSync(path, pem);
      await connect();
    }
    expect(await refused(sign())).toBe('done');
  });

  it('of a kind that is not emulated is refused at the start', async () => {
    const other = createFixture({
      resources: { Key: { Type: 'AWS::KMS::Key', Properties: { KeyUsage: 'SIGN_VERIFY', KeySpec: 'RSA_2048' } } },
    });
    mkdirSync(other.dataDir);
    try {
      await expect(startCloud({ assemblyDir: other.assemblyDir, dataDir: other.dataDir })).rejects.toThrow(
        'Cannot create Key: the local cloud signs with ECC_NIST_P256, not RSA_2048',
      );
    } finally {
      other.remove();
    }
  });
});
