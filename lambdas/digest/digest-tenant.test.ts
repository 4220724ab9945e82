import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKms, type Kms } from '../../src/dynamodb/kms.ts';
import { createS3Bucket, type S3Bucket } from '../../src/dynamodb/s3.ts';
import { type Cloud, startCloud } from '../../src/local/index.ts';
import { createFixture, type Fixture } from '../../src/local/testing/fixture.ts';
import { type ChainRef, chainsOf } from '../../src/core/chain/name.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { encodeDigest } from '../../src/proof/digest-document.ts';
import { createKeySigner, keyIdOf, makePrivateKey, PublicKeys } from '../../src/proof/keys.ts';
import { digestedBank, type DigestedBank } from '../../src/proof/testing/bank-export.ts';
import { DigestSeries } from '../../src/proof/verify-digests.ts';
import { countDigests, readDigestCopies } from '../../src/views/digests/digest-copies.ts';
import { digestRefusalKey } from '../../src/views/keys.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { createDigestBucket, type DigestBucket } from './digest-bucket.ts';
import { createTenantDigests } from './digest-tenant.ts';
import { createKmsSigner } from './kms-signer.ts';

let fixture: Fixture;
let cloud: Cloud;
let kms: Kms;
let objects: S3Bucket;
/** Of the account's owner, who has every right. */
let owner: S3Client;
let bank: DigestedBank;
let views: ViewStore;
let bucket: DigestBucket;
/** Tenants share a bucket, so each test takes one of its own. */
let tests = 0;

const bucketResource = { Type: 'AWS::S3::Bucket', Properties: { ObjectLockEnabled: true } };
const keyResource = { Type: 'AWS::KMS::Key', Properties: { KeyUsage: 'SIGN_VERIFY', KeySpec: 'ECC_NIST_P256' } };

beforeAll(async () => {
  fixture = createFixture({ resources: { Bucket: bucketResource, First: keyResource, Second: keyResource } });
  cloud = await startCloud({ assemblyDir: fixture.assemblyDir });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const address = { endpoint: new URL(cloud.endpoints.aws), region: 'ap-southeast-2' };
  const options = { address, credentials: () => credentials };
  kms = createKms(options);
  objects = createS3Bucket({ ...options, bucket: 'test-bucket' });
  owner = new S3Client({ endpoint: cloud.endpoints.aws, region: 'ap-southeast-2', credentials });
});
afterAll(async () => {
  kms.close();
  objects.close();
  owner.destroy();
  await cloud.stop();
  fixture.remove();
});
beforeEach(async () => {
  tests += 1;
  bank = await digestedBank({ digests: 0, tenant: `CU_${tests}` });
  views = createMemoryViews();
  bucket = createDigestBucket(objects);
});

let seconds = 0;
const now = () => new Date(Date.UTC(2026, 0, 1, 0, 0, (seconds += 1))).toISOString();
const signerOf = (keyId: string) => createKmsSigner({ kms, keyId });
/** A process of its own, which knows nothing from before. */
const run = (
  options: {
    key?: string;
    journal?: DigestedBank['journal'];
    bucket?: DigestBucket;
    views?: ViewStore;
    formerKeys?: string[];
    isEnough?: () => boolean;
  } = {},
) => {
  const { key = 'Test-First' } = options;
  const parts = {
    journal: options.journal ?? bank.journal,
    bucket: options.bucket ?? bucket,
    views: options.views ?? views,
  };
  return createTenantDigests({ ...parts, signer: signerOf(key), now, formerKeys: options.formerKeys ?? [] })(
    bank.tenant,
    options.isEnough ?? (() => false),
  );
};
const hide = (number: number) =>
  owner.send(new DeleteObjectCommand({ Bucket: 'test-bucket', Key: `${bank.tenant}/digests/0000000${number}.json` }));
const copies = async () =>
  (await readDigestCopies(views, { tenantId: bank.tenant, limit: 100 })).digests.map(({ number }) => number);

describe('a tenant’s next digest', () => {
  it('is signed by KMS, kept in the bucket and copied with the public key', async () => {
    const made = await run();
    const pem = await signerOf('Test-First').publicKeyPem();
    const result = {
      tenantId: bank.tenant,
      outcome: 'made',
      number: 1,
      key: keyIdOf(pem),
      sha256: sha256((await bucket.get(bank.tenant, 1))?.statement ?? ''),
      isComplete: true,
      faults: [],
    };
    expect(made).toEqual(result);
    const kept = await bucket.get(bank.tenant, 1);
    const { digests, count } = await readDigestCopies(views, { tenantId: bank.tenant, limit: 100 });
    expect([count, digests]).toEqual([1, [{ ...kept, publicKey: pem }]]);
    expect(await bucket.publicKey(keyIdOf(pem))).toBe(pem);
    expect(new PublicKeys([pem]).signed(kept?.statement ?? '', kept?.signature ?? new Uint8Array())).toBe(true);
    expect(await run()).toEqual({ ...made, outcome: 'unchanged' });
  });

  it('extends one of a key before that it was told of, whose public half the bucket has', async () => {
    const first = await run();
    await bank.live('by the second key');
    const untold = run({ key: 'Test-Second' });
    await expect(untold).rejects.toThrow(`Cannot trust key ${first.key}: it is not the one that signs now`);
    expect(await bucket.get(bank.tenant, 2)).toBeUndefined();
    const second = await run({ key: 'Test-Second', formerKeys: [first.key ?? ''] });
    await bank.live('by the first again');
    const third = await run({ formerKeys: [second.key ?? ''] });
    expect([second.number, third.number, second.key === third.key]).toEqual([2, 3, false]);
    const ids = [second.key ?? '', third.key ?? ''];
    const keys = new PublicKeys(await Promise.all(ids.map((id) => bucket.publicKey(id))));
    const series = new DigestSeries({ tenant: bank.tenant, chains: chainsOf(16), keys });
    for (const number of [1, 2, 3]) series.take(number, (await bucket.get(bank.tenant, number))!);
    expect(series.faults).toEqual([]);
    const { digests } = await readDigestCopies(views, { tenantId: bank.tenant, limit: 100 });
    expect(digests.map(({ publicKey }) => keyIdOf(publicKey))).toEqual(digests.map(({ key }) => key));
  });

  it('that was kept, but whose answer was lost, is found and not made again', async () => {
    const losing: DigestBucket = {
      ...bucket,
      async put(digest) {
        await bucket.put(digest);
        throw new Error('The connection was lost');
      },
    };
    await expect(run({ bucket: losing })).rejects.toThrow('The connection was lost');
    expect(await copies()).toEqual([]);
    expect(await run()).toMatchObject({ outcome: 'unchanged', number: 1 });
    expect(await copies()).toEqual([1]);
  });

  it('is not made where the copy cannot be written, until it can', async () => {
    const broken: ViewStore = {
      ...views,
      get: (keys) => views.get(keys),
      advance: () => Promise.reject(new Error('Out of reach')),
    };
    await expect(run({ views: broken })).rejects.toThrow('Out of reach');
    await bank.live('meanwhile');
    await expect(run({ views: broken })).rejects.toThrow('Out of reach');
    expect(await bucket.get(bank.tenant, 2)).toBeUndefined();
    expect(await run()).toMatchObject({ outcome: 'made', number: 2 });
    expect(await copies()).toEqual([2, 1]);
  });

  it('is refused where the journal is not what was signed: the views say why, until it is again', async () => {
    await run();
    await bank.live('after the first');
    const { tenant, journal } = bank;
    const chains = await Promise.all(chainsOf(16).map((chain) => journal.lastCommit({ tenantId: tenant, chain })));
    const victim = chains.find((commit) => commit)!;
    const isVictims = ({ chain }: ChainRef) => chain === victim.chain;
    const rewritten: typeof journal = {
      ...journal,
      commitAt: async (ref, seq) => (isVictims(ref) ? undefined : journal.commitAt(ref, seq)),
    };
    const refused = await run({ journal: rewritten });
    expect(refused).toMatchObject({ outcome: 'refused', number: 1, faults: [{ chain: victim.chain }] });
    const [row] = await views.get([digestRefusalKey(tenant)]);
    const [{ chain, seq, reason } = { chain: '', seq: 0, reason: '' }] = refused.faults;
    expect(row).toMatchObject({ number: 1, faults: [{ chain, seq, reason }] });
    expect(await run()).toMatchObject({ outcome: 'made', number: 2 });
    const faults = async () => (await views.get([digestRefusalKey(tenant)]))[0]?.faults;
    expect(await faults()).toEqual([]);

    // Where nothing is new there is no digest to make, and the word is taken back all the same.
    const cut: typeof journal = {
      ...rewritten,
      lastCommit: async (ref) => (isVictims(ref) ? undefined : journal.lastCommit(ref)),
    };
    expect(await run({ journal: cut })).toMatchObject({ outcome: 'refused', number: 2 });
    expect(await faults()).toMatchObject([{ chain: victim.chain }]);
    expect(await run()).toMatchObject({ outcome: 'unchanged', number: 2 });
    expect(await faults()).toEqual([]);
  });

  it('is neither read nor copied from an object that holds another one', async () => {
    const other = await digestedBank({ digests: 1, tenant: `${bank.tenant}_OTHER` });
    const [digest] = other.digests;
    const name = `${bank.tenant}/digests/00000001.json`;
    await objects.create({ key: name, body: encodeDigest(digest!), contentType: 'application/json' });
    await expect(run()).rejects.toThrow(`Cannot read "${name}": it is digest 1 of ${other.tenant}`);
    expect(await countDigests(views, other.tenant)).toBe(0);
    expect(await countDigests(views, bank.tenant)).toBe(0);
  });

  it('is neither extended nor copied where the bucket holds one of a key that nobody told of, with that key', async () => {
    await run();
    await bank.live('the forger’s');
    const forger = createKeySigner(makePrivateKey());
    const parts = { journal: bank.journal, bucket, views: createMemoryViews(), signer: forger, now };
    const first = (await bucket.get(bank.tenant, 1))!;
    await createTenantDigests({ ...parts, formerKeys: [first.key] })(bank.tenant, () => false);
    expect((await bucket.get(bank.tenant, 2))?.key).toBe(keyIdOf(await forger.publicKeyPem()));
    await expect(run()).rejects.toThrow('Cannot trust key');
    expect(await copies()).toEqual([1]);
  });

  it('is not copied where it is not sound', async () => {
    const other = await digestedBank({ digests: 1, tenant: bank.tenant });
    const pem = await signerOf('Test-First').publicKeyPem();
    await bucket.putPublicKey(pem);
    // It names a key that did not sign it.
    await bucket.put({ ...other.digests[0]!, key: keyIdOf(pem) });
    await expect(run()).rejects.toThrow(
      `Cannot copy digest 1 of ${bank.tenant}: The signature was not made by this key`,
    );
    expect(await copies()).toEqual([]);
  });

  it('is not made once the last one is hidden, or one in between', async () => {
    await run();
    await bank.live('second');
    await run();
    await bank.live('third');
    const hiding = (hidden: number): DigestBucket => ({
      ...bucket,
      get: async (tenant, number) => (number === hidden ? undefined : bucket.get(tenant, number)),
    });
    await expect(run({ bucket: hiding(2) })).rejects.toThrow('it was there, and is not any more');
    expect(await countDigests(views, bank.tenant)).toBe(2);

    // The copies are lost as well, so that only the bucket itself can tell: number 4 is there, 3 is not.
    const [second] = (await readDigestCopies(views, { tenantId: bank.tenant, limit: 1 })).digests;
    const later = { ...second!, number: 4, statement: second!.statement.replace('"number":2', '"number":4') };
    expect(await bucket.put(later)).toBe('stored');
    views = createMemoryViews();
    await expect(run()).rejects.toThrow(
      `Cannot keep digest 3 of ${bank.tenant}: it is missing, and the bucket holds later`,
    );
    expect(await copies()).toEqual([2, 1]);
  });

  it('covers what there was time for, and the next one goes on from there', async () => {
    await bank.live('first');
    await bank.live('second');
    const series = new DigestSeries({
      tenant: bank.tenant,
      chains: chainsOf(16),
      keys: new PublicKeys([await signerOf('Test-First').publicKeyPem()]),
    });
    let made = await run({ isEnough: () => true });
    expect(made).toMatchObject({ outcome: 'made', number: 1, isComplete: false });
    while (!made.isComplete) made = await run({ isEnough: () => true });
    expect(made.number).toBeGreaterThan(2);
    expect(await run()).toMatchObject({ outcome: 'unchanged', number: made.number, isComplete: true });
    for (let number = 1; number <= (made.number ?? 0); number += 1)
      series.take(number, (await bucket.get(bank.tenant, number))!);
    expect(series.faults).toEqual([]);
    const { lastSeq } = (await bank.journal.lastCommit({ tenantId: bank.tenant, chain: bank.chain }))!;
    expect(series.pointsOf(bank.chain).at(-1)?.seq).toBe(lastSeq);
  });

  it('waits until all before it are copied, as many at a time as there is time for', async () => {
    for (const name of ['first', 'second', 'third']) {
      await bank.live(name);
      await run();
    }
    await bank.live('fourth');
    views = createMemoryViews();
    const isEnough = () => true;
    expect(await run({ isEnough })).toMatchObject({ outcome: 'unchanged', number: 1, isComplete: false });
    expect(await run({ isEnough })).toMatchObject({ outcome: 'unchanged', number: 2, isComplete: false });
    expect(await copies()).toEqual([2, 1]);
    expect(await run()).toMatchObject({ outcome: 'made', number: 4, isComplete: true });
    expect(await copies()).toEqual([4, 3, 2, 1]);
  });

  it('is not begun anew where delete markers hide all that there were, and the copies are lost', async () => {
    await run();
    await bank.live('second');
    await run();
    for (const number of [1, 2]) await hide(number);
    await expect(run()).rejects.toThrow(`Cannot find digest 2 of ${bank.tenant}: it was there, and is not any more`);
    views = createMemoryViews();
    await expect(run()).rejects.toThrow(
      `Cannot keep digest 1 of ${bank.tenant}: there was one, and a delete marker hides it`,
    );
    expect(await copies()).toEqual([]);
  });

  it('is not made a second time where a delete marker hides the last one, and its copy is lost', async () => {
    await run();
    const [first] = (await readDigestCopies(views, { tenantId: bank.tenant, limit: 1 })).digests;
    await bank.live('second');
    await run();
    await hide(2);
    views = createMemoryViews();
    await expect(run()).rejects.toThrow(`Cannot keep digest 2 of ${bank.tenant}: there was one`);
    expect((await readDigestCopies(views, { tenantId: bank.tenant, limit: 9 })).digests).toEqual([first]);
  });

  it('is refused where the whole journal is gone, chain by chain, also where the copies went with it', async () => {
    await run();
    const [first] = (await readDigestCopies(views, { tenantId: bank.tenant, limit: 1 })).digests;
    views = createMemoryViews();
    const ends = (first?.heads ?? []).flatMap((head) => {
      const [, chain = '', seq = ''] = /#chain#(\S+) (\d+) /.exec(head) ?? [];
      return seq === '0' ? [] : [{ tenant: bank.tenant, chain, seq: Number(seq) }];
    });
    expect(ends.length).toBeGreaterThan(2);
    const refused = await run({ journal: createMemoryJournal() });
    const reason = expect.stringMatching(/^The chain went back: digest 1 has its head at seq \d+, .* ends at seq 0$/);
    expect(refused).toMatchObject({ outcome: 'refused', number: 1, faults: ends.map((end) => ({ ...end, reason })) });
    expect((await views.get([digestRefusalKey(bank.tenant)]))[0]?.faults).toHaveLength(ends.length);
    expect(await copies()).toEqual([1]);
    expect(await bucket.tenants()).toContain(bank.tenant);
  });

  it('is not passed over where the journal is gone and delete markers hide all digests', async () => {
    await expect(run({ journal: createMemoryJournal() })).rejects.toThrow('there is no such tenant');
    await run();
    await hide(1);
    views = createMemoryViews();
    expect(await bucket.tenants()).toContain(bank.tenant);
    await expect(run({ journal: createMemoryJournal() })).rejects.toThrow(
      `Cannot find digest 1 of ${bank.tenant}: it was there, and is not any more, nor is the journal`,
    );
  });

  it('is kept once, also by those who are late', async () => {
    await run();
    await bank.live('second');
    await run();
    for (const number of [1, 2]) expect(await bucket.put((await bucket.get(bank.tenant, number))!)).toBe('exists');
  });
});

it('tenants are told by their folders, which no others are taken for', async () => {
  await objects.create({ key: 'keys/00000000000000ff.pem', body: 'x', contentType: 'text/plain' });
  await objects.create({ key: 'AWSLogs/CU_NONE/1', body: 'x', contentType: 'text/plain' });
  await run();
  const tenants = await bucket.tenants();
  expect(tenants).toContain(bank.tenant);
  expect(tenants.filter((name) => !/^CU_\d+$/.test(name))).toEqual([]);
});

it('a public key that stands under the id of another is not used', async () => {
  const body = await signerOf('Test-First').publicKeyPem();
  await objects.create({ key: 'keys/0123456789abcdef.pem', body, contentType: 'application/x-pem-file' });
  await expect(bucket.publicKey('0123456789abcdef')).rejects.toThrow('it is not the key of its name');
  await expect(bucket.publicKey('fedcba9876543210')).rejects.toThrow('it is not the key of its name');
});

it('a signature that is not the key’s is never kept', async () => {
  const wrong: Kms = { ...kms, sign: () => Promise.resolve(Buffer.from('3006020101020101', 'hex')) };
  const signer = createKmsSigner({ kms: wrong, keyId: 'Test-First' });
  await expect(signer.sign(Buffer.from('text'))).rejects.toThrow('KMS gave a signature that is none of its key');
});
