import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  paginateScan,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvidence } from '../../src/cli/evidence/tenant-evidence.ts';
import { linkHash } from '../../src/core/chain/hash.ts';
import { chainsOf } from '../../src/core/chain/name.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { commitOfItem } from '../../src/journal/items.ts';
import type { TenantDigest } from '../../lambdas/digest/digest-tenant.ts';
import { decodeDigest } from '../../src/proof/digest-document.ts';
import { keyIdOf, PublicKeys } from '../../src/proof/keys.ts';
import type { Digest } from '../../src/proof/port.ts';
import { DigestSeries } from '../../src/proof/verify-digests.ts';
import { digestCountKey, digestKey } from '../../src/views/keys.ts';
import type { RowKey } from '../../src/views/row.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { move } from '../support/ledger.ts';
import { auditOf, breachesOf } from './support/audit.ts';
import { openBank } from './support/bank.ts';
import { submit } from './support/submit.ts';

let cloud: TestCloud;
let dynamodb: DynamoDBClient;
const accounts = new Map<string, string>();

beforeAll(async () => {
  cloud = await startTestCloud();
  const { dynamodb: endpoint } = cloud.cloud.endpoints;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  dynamodb = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  dynamodb.destroy();
  await cloud.stop();
});

async function openTenant(tenantId: string): Promise<void> {
  const [member] = await openBank(cloud.ledger({ tenants: [tenantId] }), { tenantId, members: 3 });
  accounts.set(tenantId, member?.accountId ?? '');
}
async function live(tenantId: string, id: string): Promise<void> {
  const entry = move(accounts.get(tenantId) ?? '', 'GL_CASH', 1, { id, tenantId });
  await submit(cloud.ledger({ tenants: [tenantId] }), entry);
}
async function digest(payload: { tenantId?: string }): Promise<TenantDigest[]> {
  const { digests } = (await cloud.cloud.invoke('DigestFunction', payload)) as { digests: TenantDigest[] };
  return digests;
}
const bucket = () => join(cloud.cloud.dataDir, 'buckets', cloud.cloud.outputs['DigestBucketName'] ?? '');
const publicKeys = () =>
  readdirSync(join(bucket(), 'keys')).map((name) => readFileSync(join(bucket(), 'keys', name), 'utf8'));
/** Digests as they are in the bucket. */
function kept(tenantId: string): Digest[] {
  const folder = join(bucket(), tenantId, 'digests');
  return readdirSync(folder).map((name) => decodeDigest(readFileSync(join(folder, name), 'utf8')));
}
/** What an outsider finds in them with the public keys alone. */
function faultsOf(tenantId: string): unknown[] {
  const keys = new PublicKeys(publicKeys());
  const series = new DigestSeries({ tenant: tenantId, chains: chainsOf(16), keys });
  for (const each of kept(tenantId)) series.take(each.number, each);
  return series.faults;
}
async function served(tenantId: string): Promise<unknown[]> {
  const path = `/v1/tenants/${tenantId}/digests?limit=100`;
  const authorization = `Bearer ${await cloud.token({ tenants: [tenantId] })}`;
  const answer = await cloud.send({ method: 'GET', path, headers: { authorization } });
  return (JSON.parse(answer.text) as { digests: unknown[] }).digests;
}
const table = (name: string) => cloud.cloud.outputs[`${name}TableName`];
const chainOf = (tenantId: string) => accounts.get(tenantId)?.slice(4, 6) ?? '';
async function lastCommit(tenantId: string) {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: table('Journal'),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `${tenantId}#chain#${chainOf(tenantId)}` } },
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  const [item] = Items;
  if (!item) throw new Error('Expected a commit');
  return item;
}

describe('digests of a tenant', () => {
  it('hold what commands wrote, verify by the public key, and each extends the one before', async () => {
    await openTenant('CU_TEST');
    const [first] = await digest({ tenantId: 'CU_TEST' });
    expect(first).toMatchObject({ tenantId: 'CU_TEST', outcome: 'made', number: 1, faults: [] });
    const [pem = ''] = publicKeys();
    expect([publicKeys().length, first?.key]).toEqual([1, keyIdOf(pem)]);

    expect(await digest({ tenantId: 'CU_TEST' })).toEqual([{ ...first, outcome: 'unchanged' }]);
    await live('CU_TEST', 'second');
    expect(await cloud.cloud.invoke('DigestFunction', {})).toEqual({
      digests: [{ ...first, number: 2, sha256: sha256(kept('CU_TEST')[1]?.statement ?? '') }],
      left: [],
    });
    expect(kept('CU_TEST').map(({ number }) => number)).toEqual([1, 2]);
    expect(faultsOf('CU_TEST')).toEqual([]);

    const last = commitOfItem((await lastCommit('CU_TEST')) as never);
    expect(kept('CU_TEST').at(-1)?.heads).toContain(
      `CU_TEST#chain#${chainOf('CU_TEST')} ${last.lastSeq} ${last.headHash}`,
    );
    expect(await served('CU_TEST')).toMatchObject([{ number: 2 }, { number: 1 }]);
    // Copies are no views of the journal, and the audit does not take them for such.
    expect(await breachesOf(cloud, 'CU_TEST')).toEqual([]);
  });

  it('are neither hidden nor joined by others’, whoever has the account', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const s3 = new S3Client({ endpoint: cloud.cloud.endpoints.aws, region: 'ap-southeast-2', credentials });
    const at = { Bucket: cloud.cloud.outputs['DigestBucketName'], Key: 'CU_TEST/digests/00000001.json' };
    try {
      const denied = { name: 'AccessDenied', message: expect.stringContaining('explicit deny in a resource-based') };
      await expect(s3.send(new DeleteObjectCommand(at))).rejects.toMatchObject(denied);
      const next = { ...at, Key: 'CU_TEST/digests/00000003.json', Body: '{}' };
      await expect(s3.send(new PutObjectCommand(next))).rejects.toMatchObject(denied);
    } finally {
      s3.destroy();
    }
    expect(kept('CU_TEST').map(({ number }) => number)).toEqual([1, 2]);
  });

  it('are kept from everybody but their owner, and so is the key', () => {
    const [key = ''] = readdirSync(join(cloud.cloud.dataDir, 'kms'));
    const paths = ['kms', join('kms', key), 'buckets'].map((path) => join(cloud.cloud.dataDir, path));
    expect(paths.map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['700', '600', '700']);
  });

  it('that were kept but not copied are copied by the next run, whether it makes one or not', async () => {
    await live('CU_TEST', 'third');
    await digest({ tenantId: 'CU_TEST' });
    // As a process leaves it that ends between the two.
    const lose = async (number: number) => {
      await remove(digestKey('CU_TEST', number));
      const { pk, sk } = digestCountKey('CU_TEST');
      const doc = JSON.stringify({ seq: number - 1 });
      const Item = { pk: { S: pk }, sk: { S: sk }, doc: { S: doc }, seq: { N: String(number - 1) } };
      await dynamodb.send(new PutItemCommand({ TableName: table('Views'), Item }));
    };
    await lose(3);
    expect(await served('CU_TEST')).toMatchObject([{ number: 2 }, { number: 1 }]);
    expect(await digest({ tenantId: 'CU_TEST' })).toMatchObject([{ outcome: 'unchanged', number: 3 }]);
    expect(await served('CU_TEST')).toMatchObject([{ number: 3 }, { number: 2 }, { number: 1 }]);

    await lose(3);
    await live('CU_TEST', 'fourth');
    expect(await digest({ tenantId: 'CU_TEST' })).toMatchObject([{ outcome: 'made', number: 4 }]);
    // Without any copies at all, as after the loss of the table.
    for (let number = 1; number <= 4; number += 1) await remove(digestKey('CU_TEST', number));
    await remove(digestCountKey('CU_TEST'));
    expect(await digest({ tenantId: 'CU_TEST' })).toMatchObject([{ outcome: 'unchanged', number: 4 }]);
    expect((await served('CU_TEST')).length).toBe(4);
    expect(faultsOf('CU_TEST')).toEqual([]);
  });

  it('are made by several at once without a fork', async () => {
    await live('CU_TEST', 'fifth');
    const runs = await Promise.all(Array.from({ length: 4 }, () => digest({ tenantId: 'CU_TEST' })));
    expect(runs.flat().map(({ number }) => number)).toEqual([5, 5, 5, 5]);
    expect(faultsOf('CU_TEST')).toEqual([]);
  });

  it('whose copies somebody deletes or changes are named by the audit, and made again from the bucket', async () => {
    const tenantId = 'CU_COPIES';
    await openTenant(tenantId);
    await cloud.cloud.settled();
    const notes = async () => (await auditOf(cloud, { tenantId })).tenants.map((audited) => audited.notes);
    expect(await notes()).toEqual([['No digest of it is known: its journal was held against none']]);
    for (const id of ['one', 'two', 'three', 'four']) {
      await live(tenantId, id);
      await digest({ tenantId });
    }
    expect([await notes(), await breachesOf(cloud, tenantId)]).toEqual([[[]], []]);

    await remove(digestKey(tenantId, 2));
    const stop = new AbortController().signal;
    const evidence = await readEvidence({ ledger: cloud.ledger({ tenants: [tenantId] }), tenantId, stop });
    await expect(Array.fromAsync(evidence.digests())).rejects.toMatchObject({
      message: `The copy of digest 2 of ${tenantId} is missing, of 4: somebody has deleted it`,
      fix: expect.stringContaining('docs/operating/runbook.md#a-copy-of-a-digest-is-missing-or-was-changed') as string,
    });
    const { pk, sk } = digestKey(tenantId, 3);
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const { Item: old } = await dynamodb.send(new GetItemCommand({ TableName: table('Views'), Key }));
    const doc = { S: (old?.['doc']?.S ?? '').replace(String.raw`\"at\":\"20`, String.raw`\"at\":\"19`) };
    await dynamodb.send(new PutItemCommand({ TableName: table('Views'), Item: { ...old, doc } }));
    const reasons = [
      'The copy of digest 2 is missing',
      'The copy of digest 3 was changed: the signature was not made by this key',
    ];
    expect(await breachesOf(cloud, tenantId)).toEqual([
      { name: 'HASH_CHAIN', breaches: 2, evidence: reasons.map((reason) => ({ tenantId, reason })) },
    ]);

    // As the runbook has it: what was changed, and the count.
    await remove(digestKey(tenantId, 3));
    await remove(digestCountKey(tenantId));
    expect(await digest({ tenantId })).toMatchObject([{ outcome: 'unchanged', number: 4 }]);
    expect([await served(tenantId).then(({ length }) => length), await breachesOf(cloud, tenantId)]).toEqual([4, []]);
    expect(await Array.fromAsync(evidence.digests())).toHaveLength(4);
  });

  it('of a tenant that does not exist are an error, and so is an input that says something else', async () => {
    await expect(digest({ tenantId: 'CU_NONE' })).rejects.toThrow('CU_NONE: there is no such tenant');
    await expect(cloud.cloud.invoke('DigestFunction', { tenant: 'CU_TEST' })).rejects.toThrow('Unrecognized key');
  });
});

/** A commit with other lines, and with the hash of those if wanted: a forger who knows the format. */
function rewritten(item: Awaited<ReturnType<typeof lastCommit>>, rehash: boolean) {
  const { firstSeq, lastSeq, prevHash, body } = commitOfItem(item as never);
  const other = body.replaceAll('"type":"', '"type":"Un');
  if (other === body) throw new Error(`Nothing to change in ${body}`);
  const head = other.split('\n').reduce((hash, line) => linkHash(hash, line, sha256), prevHash);
  const { zst: _packed, ...plain } = item;
  const changed = { ...plain, body: { S: other }, ...(rehash && { head: { S: head } }) };
  return { seq: rehash ? lastSeq : firstSeq, item: changed };
}

describe('a journal that was changed behind the gateway is not signed', () => {
  const CASES: [string, string, (tenantId: string) => Promise<{ seq: number; reason: RegExp }>][] = [
    [
      'CU_CUT',
      'where the tail of a chain was cut off',
      async (tenantId) => {
        const item = await lastCommit(tenantId);
        await dynamodb.send(
          new DeleteItemCommand({ TableName: table('Journal'), Key: { pk: item['pk']!, sk: item['sk']! } }),
        );
        return {
          seq: Number(item['last']?.N ?? item['sk']?.N),
          reason: /^The chain went back: digest 1 has its head at seq/,
        };
      },
    ],
    [
      'CU_REWRITTEN',
      'where the newest commit was rewritten with its hashes',
      async (tenantId) => {
        const item = await lastCommit(tenantId);
        const { seq, item: changed } = rewritten(item, true);
        await dynamodb.send(new PutItemCommand({ TableName: table('Journal'), Item: changed }));
        return { seq, reason: /^The chain was rewritten: digest 1 has its head/ };
      },
    ],
    [
      'CU_CHANGED',
      'where a commit since the last digest was changed',
      async (tenantId) => {
        await live(tenantId, 'after the digest');
        const item = await lastCommit(tenantId);
        const { seq, item: changed } = rewritten(item, false);
        await dynamodb.send(new PutItemCommand({ TableName: table('Journal'), Item: changed }));
        return { seq, reason: /are not those that were hashed$/ };
      },
    ],
  ];
  it.each(CASES)('%s: %s; the log says which chain, and the other tenants get theirs', async (tenantId, _, change) => {
    await openTenant(tenantId);
    await live(tenantId, 'an entry');
    expect(await digest({ tenantId })).toMatchObject([{ outcome: 'made', number: 1 }]);
    const { seq, reason } = await change(tenantId);
    await live('CU_TEST', `beside ${tenantId}`);

    const breachesBefore = cloud.cloud.metrics.query('InvariantBreaches', { dimensions: { service: 'digest' } }).sum;
    const all = await digest({});
    const fault = { tenant: tenantId, chain: chainOf(tenantId), seq, reason: expect.stringMatching(reason) as string };
    expect(all.find((each) => each.tenantId === tenantId)).toMatchObject({
      outcome: 'refused',
      number: 1,
      faults: [fault],
    });
    expect(all.find((each) => each.tenantId === 'CU_TEST')).toMatchObject({ outcome: 'made' });
    expect(kept(tenantId)).toHaveLength(1);
    const ledger = cloud.ledger({ tenants: [tenantId] });
    const { data: told } = await ledger.GET('/tenants/{tenantId}/invariants', { params: { path: { tenantId } } });
    expect(told?.invariants.find(({ invariant }) => invariant === 'HASH_CHAIN')).toMatchObject({ holds: false });
    const evidence = () =>
      cloud.log.find(
        (line) => line.includes('Invariant breached') && line.includes(tenantId) && line.includes('lastDigest'),
      );
    // Output comes after the answer where a tenant was the last.
    await expect.poll(evidence).toMatch(new RegExp(`"HASH_CHAIN".*"chain":"${chainOf(tenantId)}","seq":${seq},`));
    await expect
      .poll(
        () =>
          cloud.cloud.metrics.query('InvariantBreaches', { dimensions: { service: 'digest', invariant: 'HASH_CHAIN' } })
            .sum,
      )
      .toBeGreaterThan(breachesBefore);
    expect(faultsOf(tenantId)).toEqual([]);
  });
});

describe('a bank that was deleted behind the gateway, its name in the registry with it', () => {
  const tenantId = 'CU_DELETED';
  /** Removes what stands under the tenant's keys in all tables. @returns how many items that were */
  async function removeAll(): Promise<number> {
    const ours = {
      FilterExpression: 'begins_with(pk, :own)',
      ExpressionAttributeValues: { ':own': { S: `${tenantId}#` } },
    };
    const { TableNames = [] } = await dynamodb.send(new ListTablesCommand());
    let removed = 0;
    for (const TableName of TableNames)
      for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName, ...ours }))
        for (const { pk, sk } of Items) {
          await dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: pk!, sk: sk! } }));
          removed += 1;
        }
    return removed;
  }

  it('is refused in every run of all tenants, chain by chain, and the others get their digests', async () => {
    await openTenant(tenantId);
    await live(tenantId, 'an entry');
    expect(await digest({ tenantId })).toMatchObject([{ outcome: 'made', number: 1 }]);
    await cloud.cloud.settled();
    expect(await removeAll()).toBeGreaterThan(20);
    // The projection tells in the views what it sees of it.
    await cloud.cloud.settled();
    await removeAll();

    const [signed] = kept(tenantId);
    const ends = (signed?.heads ?? []).flatMap((head) => {
      const [, chain = '', seq = ''] = /#chain#(\S+) (\d+) /.exec(head) ?? [];
      return seq === '0' ? [] : [{ chain, seq: Number(seq) }];
    });
    expect(ends.length).toBeGreaterThan(1);
    const faults = ends.map(({ chain, seq }) => ({
      tenant: tenantId,
      chain,
      seq,
      reason: `The chain went back: digest 1 has its head at seq ${seq}, the journal ends at seq 0`,
    }));
    for (const run of [1, 2]) {
      await live('CU_TEST', `beside a deleted bank, ${run}`);
      const all = await digest({});
      expect(all.find((each) => each.tenantId === tenantId)).toMatchObject({ outcome: 'refused', number: 1, faults });
      expect(all.find((each) => each.tenantId === 'CU_TEST')).toMatchObject({ outcome: 'made' });
      const told = () => cloud.log.filter((line) => line.includes('Invariant breached') && line.includes(tenantId));
      const linesOf = ({ chain, seq }: { chain: string; seq: number }) =>
        told().filter((line) => line.includes(`"chain":"${chain}","seq":${seq},"reason":"The chain went back`)).length;
      await expect.poll(() => ends.map(linesOf)).toEqual(ends.map(() => run));
    }
    expect(kept(tenantId)).toHaveLength(1);
  });

  it('is a breach to the audit of all tenants too, once a run has put back the copies of its digests', async () => {
    const { tenants } = await auditOf(cloud, {});
    const { TENANT_ISOLATION: isolation } = tenants.find((each) => each.tenantId === tenantId)?.invariants ?? {};
    expect(isolation?.breaches).toBeGreaterThanOrEqual(3);
    expect(isolation?.evidence[0]?.reason).toMatch(/^Item CU_DELETED#digest .* belongs to no tenant of the registry$/);
  });
});

it('a scenario ends with a digest of all that it wrote, and fails where that is refused', async () => {
  const input = { runId: 'run', tenantId: 'CU_DIGITAL', members: 12, days: 1 };
  const scenario = async () => (await cloud.cloud.startExecution('SteadyState', input)).done;
  const ended = await scenario();
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { digest: { outcome: 'made', number: 1, faults: [] } } });
  expect(faultsOf('CU_DIGITAL')).toEqual([]);
  expect(await scenario()).toMatchObject({
    status: 'SUCCEEDED',
    output: { digest: { outcome: 'unchanged', number: 1 } },
  });

  const [first] = kept('CU_DIGITAL');
  const [, chain = ''] = /#chain#(\d\d) [1-9]/.exec(first?.heads.join('\n') ?? '') ?? [];
  accounts.set('CU_DIGITAL', `acc_${chain}_any`);
  const { item: Item } = rewritten(await lastCommit('CU_DIGITAL'), true);
  await dynamodb.send(new PutItemCommand({ TableName: table('Journal'), Item }));
  const failed = await scenario();
  expect(failed).toMatchObject({ status: 'FAILED', error: 'DigestRefused' });
  expect(JSON.parse(failed.cause ?? '')).toMatchObject([
    { tenant: 'CU_DIGITAL', chain, reason: expect.stringMatching(/was rewritten/) },
  ]);
  expect(kept('CU_DIGITAL')).toHaveLength(1);
}, 60_000);

async function remove({ pk, sk }: RowKey): Promise<void> {
  await dynamodb.send(new DeleteItemCommand({ TableName: table('Views'), Key: { pk: { S: pk }, sk: { S: sk } } }));
}
