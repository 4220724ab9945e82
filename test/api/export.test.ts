import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { commitOfItem } from '../../src/journal/items.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { makeDigest, publicKeysOf } from '../support/digests.ts';
import { move } from '../support/ledger.ts';
import { type Member, openBank } from './support/bank.ts';
import { submitBatch } from './support/submit.ts';

const tenantId = 'CU_TEST';
const tools = ['python3', 'openssl'].every((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0);
const scratch = mkdtempSync(join(tmpdir(), 'turing-export-test-'));

let cloud: TestCloud;
let ledger: LedgerClient;
let members: Member[];
let keyFile: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger();
  members = await openBank(ledger, { tenantId, members: 20, deposit: 1_000 });
  await live('at first');
  await makeDigest(cloud.cloud, tenantId);
  keyFile = join(scratch, 'known.pem');
  writeFileSync(keyFile, publicKeysOf(cloud.cloud)[0] ?? '');
});
afterAll(async () => {
  await cloud.stop();
  rmSync(scratch, { recursive: true });
});

async function live(id: string): Promise<void> {
  const accountOf = (index: number) => members[index % members.length]?.accountId ?? '';
  const entries = Array.from({ length: 60 }, (_, index) =>
    move(accountOf(index), accountOf(index + 1 + (index % 7)), 1, { id: `${id} ${index}` }),
  );
  await submitBatch(ledger, tenantId, entries);
}

/** The command line in this process, with the API of the cloud and a token in the variable. */
async function turing(args: string[], options: { token?: string; stop?: AbortSignal } = {}) {
  let [stdout, stderr] = ['', ''];
  const terminal = createTerminal({
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
  });
  const env = { TURING_TOKEN: options.token ?? (await cloud.token({ rights: ['queries', 'compliance'] })) };
  const stop = options.stop ?? new AbortController().signal;
  return { exitCode: await main(args, { terminal, env, now: Date.now, stop }), stdout, stderr };
}

let exports = 0;
const newFolder = () => join(scratch, `export-${(exports += 1)}`);
const exportTo = (out: string, options: Parameters<typeof turing>[1] = {}) =>
  turing(['export', '--tenant', tenantId, '--api', `${cloud.cloud.apiUrl}/v1`, '--out', out], options);

/** Both verifiers find no fault, with the key and these digests. */
async function expectSound(folder: string, kept: string[] = []): Promise<void> {
  const flags = kept.flatMap((digest) => ['--kept', digest]);
  expect(await turing(['verify', folder, '--key', keyFile, ...flags])).toMatchObject({ exitCode: 0, stderr: '' });
  if (tools) execFileSync('python3', [join(folder, 'verify.py'), folder, keyFile, ...kept]);
}
const lastOf = (text: string) => /last digest: (\S+) /.exec(text)?.[1] ?? '';

describe('an export over the API', () => {
  it('holds what the last digest covers, and counts what came after it', async () => {
    const out = newFolder();
    await live('not covered');
    const { exitCode, stdout, stderr } = await exportTo(out);
    expect(stderr).toBe(`Exported to ${out}. Check it: turing verify ${out}\n`);
    expect(exitCode).toBe(0);
    const later = Number(/([\d,]+) events came later/.exec(stdout)?.[1]?.replaceAll(',', ''));
    expect(later).toBeGreaterThan(100);
    await expectSound(out, [lastOf(stdout)]);

    const { data } = await ledger.GET('/tenants/{tenantId}/chains', { params: { path: { tenantId } } });
    const all = data?.chains.reduce((sum, { headSeq }) => sum + headSeq, 0);
    expect(Number(/(\d+) events checked,/.exec(stdout)?.[1]) + later).toBe(all);
    expect(readdirSync(scratch).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('is consistent while commands keep arriving, and goes on from the one before', { timeout: 60_000 }, async () => {
    let stopped = false;
    let sent = 0;
    const arriving = (async () => {
      while (!stopped) await live(`arriving ${(sent += 1)}`);
    })();
    const kept: string[] = [];
    try {
      for (let round = 0; round < 3; round += 1) {
        await makeDigest(cloud.cloud, tenantId);
        const out = newFolder();
        const { exitCode, stdout } = await exportTo(out);
        expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no fault') });
        await expectSound(out, kept);
        kept.push(lastOf(stdout));
        // The one before does not hold the digest that is newer than it.
        const before = join(scratch, `export-${exports - 1}`);
        expect(await turing(['verify', before, '--key', keyFile, '--kept', lastOf(stdout)])).toMatchObject({
          exitCode: 5,
          stdout: expect.stringMatching(/FAULT CU_TEST digest \d+: It is missing(?:, with all up to digest \d+)?\n/),
        });
      }
    } finally {
      stopped = true;
      await arriving;
    }
    expect(sent).toBeGreaterThan(3);
    expect(new Set(kept).size).toBe(3);
  });

  it('leaves nothing when it is stopped, and tells why it cannot be made', async () => {
    const controller = new AbortController();
    const out = newFolder();
    const exporting = exportTo(out, { stop: controller.signal });
    controller.abort();
    expect(await exporting).toMatchObject({ exitCode: 2, stderr: 'error  Cancelled\n' });
    expect(await exportTo(out, { token: 'garbage' })).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('The API refuses the token: Unauthorized'),
    });
    const readOnly = await cloud.token({ rights: ['queries'] });
    expect(await exportTo(out, { token: readOnly })).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('right "compliance"'),
    });
    const other = ['export', '--tenant', 'CU_NONE', '--api', cloud.cloud.apiUrl, '--out', out];
    expect(await turing(other, { token: await cloud.token({ tenants: ['CU_NONE'] }) })).toMatchObject({
      exitCode: 1,
      stderr: 'error  Cannot find tenant "CU_NONE"\n',
    });
    await openBank(cloud.ledger({ tenants: ['CU_NEW'] }), { tenantId: 'CU_NEW', members: 1 });
    const undigested = ['export', '--tenant', 'CU_NEW', '--api', cloud.cloud.apiUrl, '--out', out];
    expect(await turing(undigested, { token: await cloud.token({ tenants: ['CU_NEW'] }) })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('There is no digest of CU_NEW yet'),
    });
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(scratch).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

it('an export of a ledger that was cut off says what is missing, and nothing against it', async () => {
  const [tenant, out] = ['CU_CUT', newFolder()];
  const [member] = await openBank(cloud.ledger({ tenants: [tenant] }), { tenantId: tenant, members: 1 });
  await makeDigest(cloud.cloud, tenant);
  const chain = member?.accountId.slice(4, 6) ?? '';
  const missing = await cutOff(tenant, chain);
  const { exitCode, stdout, stderr } = await turing(
    ['export', '--tenant', tenant, '--api', cloud.cloud.apiUrl, '--out', out],
    { token: await cloud.token({ tenants: [tenant], rights: ['queries', 'compliance'] }) },
  );
  expect(exitCode).toBe(5);
  const [, , fault, ...rest] = stdout.trimEnd().split('\n');
  expect(fault).toMatch(
    new RegExp(`^FAULT CU_CUT chain ${chain} (between seq \\d+ and|seq) \\d+: The chain is cut off`),
  );
  const events = missing === 1 ? '1 event' : `${missing} events`;
  expect(rest).toEqual([`the ledger has lost ${events} that the last digest covers`]);
  expect(stderr).toBe(`Exported to ${out}. It has 1 fault, told above\n`);
});

/** Deletes the last commit of a chain. @returns how many events were in it */
async function cutOff(tenant: string, chain: string): Promise<number> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const dynamodb = new DynamoDBClient({ endpoint: cloud.cloud.endpoints.dynamodb, region: 'us-east-1', credentials });
  const TableName = cloud.cloud.outputs['JournalTableName'];
  const last = new QueryCommand({
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: `${tenant}#chain#${chain}` } },
    ScanIndexForward: false,
    Limit: 1,
  });
  const [item] = (await dynamodb.send(last)).Items ?? [];
  if (!item) throw new Error('Expected a commit');
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: item['pk']!, sk: item['sk']! } }));
  dynamodb.destroy();
  const { firstSeq, lastSeq } = commitOfItem(item as never);
  return lastSeq - firstSeq + 1;
}

describe('a proof over the API', () => {
  it('shows the balance of one account, by itself', async () => {
    const accountId = members[0]?.accountId ?? '';
    await makeDigest(cloud.cloud, tenantId);
    const file = join(scratch, 'proof.json');
    const place = ['--tenant', tenantId, '--api', cloud.cloud.apiUrl];
    const made = await turing(['proof', ...place, '--account', accountId, '--at', '2025-12-31', '--out', file]);
    expect(made.exitCode).toBe(0);
    await cloud.cloud.settled();
    const { data } = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/balance', {
      params: { path: { tenantId, accountId }, query: { asOf: '2025-12-31' } },
    });
    const { exitCode, stdout } = await turing(['verify', file, '--key', keyFile]);
    expect(exitCode).toBe(0);
    const amount = Number(/A\$([\d,.]+) at the end/.exec(stdout)?.[1]?.replaceAll(',', ''));
    expect(amount).toBe(data?.balance);
    for (const other of members.slice(1)) expect(readFileSync(file, 'utf8')).not.toContain(other.accountId);
    expect(stdout).toMatch(/\n[\d,]+ events?, in digest(?: \d+|s \d[\d, and to]*, the last) of 20/);
    const page = join(scratch, 'page.md');
    writeFileSync(page, '# A page');
    expect(await turing(['verify', page])).toMatchObject({
      exitCode: 1,
      stderr: `error  Cannot verify "${page}": expected the folder of an export, or an account’s proof as turing proof writes it\n`,
    });
    expect(await turing(['proof', ...place, '--account', 'acc_00_unknown', '--at', '2025-12-31'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no digest covers an event of it'),
    });
  });

  it('is held against the digests that were kept', async () => {
    const file = join(scratch, 'proof.json');
    const proof: { digests: { statement: string }[] } = JSON.parse(readFileSync(file, 'utf8'));
    const statements = proof.digests.map(({ statement }) => statement);
    const statementFile = join(scratch, 'kept.json');
    writeFileSync(statementFile, `${statements.at(-1)}\n`);
    expect(await turing(['verify', file, '--kept', statementFile])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^digest \d+ is the one that was kept$/m),
    });
    expect(await turing(['verify', file, '--kept', `${statements.length}:${sha256('x')}`])).toMatchObject({
      exitCode: 5,
      stdout: expect.stringContaining('is not the one that was kept'),
    });
    expect(await turing(['verify', file, '--kept', `9999:${sha256('x')}`])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Not compared: the proof does not rest on digest 9999'),
    });
  });
});
