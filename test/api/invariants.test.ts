import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditResult } from '../../src/audit/result.ts';
import { INVARIANTS, type InvariantName } from '../../src/contract/invariants.ts';
import { createDynamoDb, type DynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { itemOfCommit } from '../../src/journal/items.ts';
import type { Commit } from '../../src/journal/port.ts';
import { spoiltKey } from '../../src/views/keys.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { makeDigest } from '../support/digests.ts';
import { forgedCommit, forgedEntry } from '../support/forged.ts';
import { move } from '../support/ledger.ts';
import { auditOf } from './support/audit.ts';
import { type Member, openBank } from './support/bank.ts';
import { entityOf, submitBatch } from './support/submit.ts';

let cloud: TestCloud;
let client: DynamoDb;
const tableOf = (name: 'Journal' | 'Views') => cloud.cloud.outputs[`${name}TableName`] ?? '';

beforeAll(async () => {
  cloud = await startTestCloud();
  const address = { region: 'us-east-1', endpoint: new URL(cloud.cloud.endpoints.dynamodb) };
  client = createDynamoDb({ address, credentials: () => ({ accessKeyId: 'test', secretAccessKey: 'test' }) });
});
afterAll(async () => {
  client.close();
  await cloud.stop();
});

const ledgerOf = (tenantId: string) => cloud.ledger({ tenants: [tenantId] });

/** A bank of its own, with entries within and between chains, and the last commit of the first member's chain. */
async function bankOf(tenantId: string) {
  const members = await openBank(ledgerOf(tenantId), { tenantId, members: 5, deposit: 100 });
  const [first] = members as [Member];
  const entries = members.flatMap(({ accountId }, index) => [
    move('GL_SALARY', accountId, 10 + index, { id: `salary ${index}`, tenantId }),
    move(first.accountId, accountId, 1, { id: `payment ${index}`, tenantId }),
  ]);
  // A payment to oneself is refused; the others are accepted.
  const results = await submitBatch(ledgerOf(tenantId), tenantId, entries.toSpliced(1, 1));
  for (const result of results) entityOf(result);
  await cloud.cloud.settled();
  const ref = { tenantId, chain: first.accountId.slice(4, 6) };
  const last = await createDynamoJournal({ client, tableName: tableOf('Journal') }).lastCommit(ref);
  if (!last) throw new Error('Expected the chain of the first member to have commits');
  const balanceMinor = Math.round((await balanceOf(tenantId, first.accountId)) * 100);
  return { ref, last, ...first, balanceMinor };
}

async function balanceOf(tenantId: string, accountId: string): Promise<number> {
  const { data } = await ledgerOf(tenantId).GET('/tenants/{tenantId}/accounts/{accountId}', {
    params: { path: { tenantId, accountId } },
  });
  return data?.balance ?? Number.NaN;
}

/** Writes a commit straight into the table, past every function of the ledger. */
async function plant(commit: Commit, options = { settle: true }): Promise<void> {
  const item = itemOfCommit(commit);
  const condition = { ConditionExpression: 'attribute_not_exists(pk)' };
  await client.send('PutItem', { TableName: tableOf('Journal'), Item: item, ...condition });
  if (options.settle) await cloud.cloud.settled();
}

async function reportOf(tenantId: string) {
  const { data, response } = await ledgerOf(tenantId).GET('/tenants/{tenantId}/invariants', {
    params: { path: { tenantId } },
  });
  if (!data) throw new Error(`Expected a report, got ${response.status}`);
  return data;
}

/** Names of the invariants that do not hold, as the live monitor and as the audit see it. */
async function breachedIn(tenantId: string): Promise<{ monitor: string[]; audit: string[]; evidence: string }> {
  const { invariants } = await reportOf(tenantId);
  const [audit, inPieces] = [await auditOf(cloud, { tenantId }), await auditOf(cloud, { tenantId, eventsAPiece: 1 })];
  const breached = ({ tenants }: AuditResult) =>
    INVARIANTS.filter((name) => (tenants[0]?.invariants[name].breaches ?? 0) > 0);
  expect(breached(inPieces)).toEqual(breached(audit));
  return {
    monitor: invariants.flatMap(({ invariant, holds }) => (holds ? [] : [invariant])),
    audit: breached(audit),
    evidence: JSON.stringify(audit.tenants[0]?.invariants),
  };
}

it('a ledger that keeps the rules has been checked to its heads, and nothing was found', async () => {
  const { ref } = await bankOf('CU_CLEAN');
  const { number } = await makeDigest(cloud.cloud, 'CU_CLEAN');
  const report = await reportOf('CU_CLEAN');
  expect(report.invariants.map(({ invariant }) => invariant)).toEqual([...INVARIANTS]);
  for (const invariant of report.invariants) {
    expect(invariant).toMatchObject({ holds: true, breached: 0, lastBreach: null });
    expect(invariant.checked).toBeGreaterThan(5);
  }
  expect(report.chains.map(({ chain }) => chain)).toContain(ref.chain);
  for (const { headSeq, checkedSeq, countedAfterSeq } of report.chains)
    expect({ checkedSeq, countedAfterSeq }).toEqual({ checkedSeq: headSeq, countedAfterSeq: 0 });
  const events = report.chains.reduce((sum, { headSeq }) => sum + headSeq, 0);
  const checked = Object.fromEntries(report.invariants.map((each) => [each.invariant, each.checked]));
  expect(checked).toMatchObject({ HASH_CHAIN: events, TENANT_ISOLATION: events });
  expect(report.trialBalance).toEqual({ currency: 'AUD', balance: 0, state: 'ZERO' });
  expect(report.lastDigest).toEqual({ number, at: expect.any(String) });
  expect(await breachedIn('CU_CLEAN')).toMatchObject({ monitor: [], audit: [] });
});

describe('a breach that is written behind the back of the gateway', () => {
  type Bank = Awaited<ReturnType<typeof bankOf>>;
  const entry = ({ ref, last, accountId }: Bank, amounts: { delta: number; cash: number; balance: number }): Commit => {
    const { delta: deltaMinor, cash, balance } = amounts;
    return forgedCommit(ref, last, {
      type: 'PostEntry',
      draftsOf: (place) =>
        forgedEntry({ ...place, chain: ref.chain }, [
          { accountId, deltaMinor, balanceMinor: balance },
          { accountId: 'GL_FORGED', deltaMinor: cash, balanceMinor: cash },
        ]),
    });
  };
  const plants: Record<InvariantName, (bank: Bank) => Commit> = {
    BALANCED_ENTRIES: (bank) => entry(bank, { delta: 600, cash: -500, balance: bank.balanceMinor + 600 }),
    DERIVED_BALANCES: (bank) => entry(bank, { delta: 500, cash: -500, balance: bank.balanceMinor + 501 }),
    HASH_CHAIN: (bank) => ({
      ...entry(bank, { delta: 500, cash: -500, balance: bank.balanceMinor + 500 }),
      headHash: bank.last.headHash,
    }),
    TENANT_ISOLATION: ({ ref, last }) =>
      forgedCommit(ref, last, {
        type: 'OpenAccount',
        draftsOf: ({ key }) => [
          {
            type: 'AccountOpened',
            entityId: `acc_${ref.chain}_${key.slice(0, 20)}`,
            payload: {
              customerId: `cust_${ref.chain}_${'0'.repeat(20)}`, // of another tenant, say
              productCode: 'TXN',
              productType: 'DEPOSIT',
              currency: 'AUD',
              floorMinor: 0,
              ceilingMinor: null,
            },
          },
        ],
      }),
    ACCOUNT_CONSTRAINTS: (bank) =>
      entry(bank, { delta: -bank.balanceMinor - 1, cash: bank.balanceMinor + 1, balance: -1 }),
  };

  it.each(INVARIANTS)('of %s is named by the live monitor and by the audit, and by no other name', async (name) => {
    const tenantId = `CU_${name}`;
    const bank = await bankOf(tenantId);
    const commit = plants[name](bank);
    await plant(commit);
    expect(await breachedIn(tenantId)).toMatchObject({ monitor: [name], audit: [name] });
    const { invariants } = await reportOf(tenantId);
    const found = invariants.find(({ invariant }) => invariant === name);
    expect(found).toMatchObject({ breached: 1, lastBreach: { chain: bank.ref.chain, at: commit.committedAt } });
    expect(found?.lastBreach?.seq).toBeGreaterThanOrEqual(commit.firstSeq);
    expect(found?.lastBreach?.seq).toBeLessThanOrEqual(commit.lastSeq);
  });

  it('is counted once when bytes of a commit are changed, however often the stream tells of it', async () => {
    const { ref, last } = await bankOf('CU_CHANGED');
    const item = itemOfCommit({ ...last, body: last.body.replace('"occurredAt":"2025', '"occurredAt":"2024') });
    for (let times = 0; times < 2; times += 1) {
      await client.send('PutItem', { TableName: tableOf('Journal'), Item: item });
      await cloud.cloud.settled();
    }
    const { evidence, ...breached } = await breachedIn('CU_CHANGED');
    expect(breached.monitor).toEqual(['HASH_CHAIN']);
    expect(breached.audit).toContain('HASH_CHAIN');
    expect(evidence).toContain('are not those that were hashed');
    const { invariants } = await reportOf('CU_CHANGED');
    expect(invariants.find(({ invariant }) => invariant === 'HASH_CHAIN')).toMatchObject({
      breached: 1,
      lastBreach: { chain: ref.chain, seq: last.firstSeq, evidence: { change: 'MODIFY' } },
    });
  });

  it('is told of a commit that nobody can read', async () => {
    const { ref, last } = await bankOf('CU_UNREADABLE');
    const commit = { ...last, firstSeq: last.lastSeq + 1, lastSeq: last.lastSeq + 1, body: 'no line of a ledger' };
    await plant(commit, { settle: false }); // its projection never succeeds
    await expect
      .poll(async () => (await reportOf('CU_UNREADABLE')).invariants.find(({ holds }) => !holds), { timeout: 20_000 })
      .toMatchObject({ invariant: 'HASH_CHAIN', breached: 1, lastBreach: { chain: ref.chain, seq: commit.firstSeq } });
    const { chains } = await reportOf('CU_UNREADABLE');
    expect(chains.find(({ chain }) => chain === ref.chain)).toMatchObject({
      headSeq: commit.lastSeq,
      checkedSeq: last.lastSeq,
    });
  });
});

describe('a chain that is not any more what the views have seen', () => {
  const told = async (tenantId: string) => {
    const { invariants, chains } = await reportOf(tenantId);
    const breached = invariants.filter(({ holds }) => !holds);
    return { breached, chains };
  };

  it('is HASH_CHAIN, at once, where its last commit was taken out of the table', async () => {
    const { ref, last } = await bankOf('CU_CUT');
    const { pk, sk } = itemOfCommit(last);
    await client.send('DeleteItem', {
      TableName: tableOf('Journal'),
      Key: { pk: pk ?? { S: '' }, sk: sk ?? { N: '' } },
    });
    // The stream tells of it; taken out of the file at rest, it would not.
    await cloud.cloud.settled();
    const spoilt = spoiltKey(ref, last.firstSeq);
    await client.send('DeleteItem', {
      TableName: tableOf('Views'),
      Key: { pk: { S: spoilt.pk }, sk: { S: spoilt.sk } },
    });
    const { breached, chains } = await told('CU_CUT');
    const headSeq = last.firstSeq - 1;
    expect(breached).toMatchObject([
      {
        invariant: 'HASH_CHAIN',
        breached: 1,
        lastBreach: {
          chain: ref.chain,
          seq: last.lastSeq,
          at: last.committedAt,
          reason: expect.stringMatching(/was cut off$/) as unknown,
          evidence: { checkedHash: last.headHash, headSeq, headHash: last.prevHash },
        },
      },
    ]);
    expect(chains.find(({ chain }) => chain === ref.chain)).toMatchObject({ headSeq, checkedSeq: last.lastSeq });
    const { audit, evidence } = await breachedIn('CU_CUT');
    expect(audit).toContain('HASH_CHAIN');
    expect(audit).not.toContain('DERIVED_BALANCES');
    expect(evidence).toContain(
      `The chain ends at event ${headSeq}, but the views have seen event ${last.lastSeq} of it`,
    );
  });

  it('is HASH_CHAIN where its head has another hash', async () => {
    const { ref, last } = await bankOf('CU_RESEALED');
    const { Item: row } = await client.send('GetItem', {
      TableName: tableOf('Views'),
      Key: { pk: { S: 'CU_RESEALED#cursor' }, sk: { S: ref.chain } },
    });
    const doc = row?.['doc']?.S ?? '';
    const hash = 'f'.repeat(64);
    expect(doc).toContain(last.headHash);
    const Item = { ...row, doc: { S: doc.replace(last.headHash, hash) } };
    await client.send('PutItem', { TableName: tableOf('Views'), Item });
    const { breached } = await told('CU_RESEALED');
    expect(breached).toMatchObject([
      {
        invariant: 'HASH_CHAIN',
        lastBreach: {
          chain: ref.chain,
          evidence: { checkedHash: hash, headSeq: last.lastSeq, headHash: last.headHash },
        },
      },
    ]);
    expect((await breachedIn('CU_RESEALED')).audit).toEqual(['HASH_CHAIN']);
  });
});

it('a row of the views that was changed is named by the audit', async () => {
  const { accountId, balanceMinor } = await bankOf('CU_ROW');
  const Key = { pk: { S: `CU_ROW#account#${accountId}` }, sk: { S: 'account' } };
  const { Item } = await client.send('GetItem', { TableName: tableOf('Views'), Key });
  const doc = (Item?.['doc']?.S ?? '').replace(`"balanceMinor":${balanceMinor}`, `"balanceMinor":${balanceMinor + 1}`);
  expect(doc).toContain(`"balanceMinor":${balanceMinor + 1}`);
  await client.send('PutItem', { TableName: tableOf('Views'), Item: { ...Item, doc: { S: doc } } });
  const { monitor, audit, evidence } = await breachedIn('CU_ROW');
  expect({ monitor, audit }).toEqual({ monitor: [], audit: ['DERIVED_BALANCES'] });
  expect(evidence).toContain(`View row CU_ROW#account#${accountId} account: balanceMinor is ${balanceMinor + 1}`);
});
