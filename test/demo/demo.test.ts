import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATHS } from '../../src/cli/project-paths.ts';
import type { Report } from '../../src/cli/report/report.ts';
import { commitOfItem } from '../../src/journal/items.ts';
import { synthesize } from '../../src/cli/synth/synthesize.ts';
import { startCloud } from '../../src/local/index.ts';
import { startTuring, turing, type Finished } from './turing-process.ts';

const LIMIT_MS = 120_000;
const SMALL = ['demo', '--once', '--members', '40', '--days', '5', '--json', '-'];
const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The report on stdout, which must hold nothing else. */
function reportOf({ exitCode, stdout, stderr }: Finished): Report {
  if (exitCode !== 0) throw new Error(`The demo ended with ${exitCode}:\n${stderr}`);
  return JSON.parse(stdout);
}

describe('the promise: the same flags give the same digest', () => {
  let first: Finished;
  let report: Report;

  beforeAll(async () => {
    first = await turing([...SMALL, '--workers', '1']);
    report = reportOf(first);
  }, LIMIT_MS);

  test('at another concurrency', { timeout: LIMIT_MS }, async () => {
    const again = reportOf(await turing([...SMALL, '--workers', '8']));
    expect(again.digest).toBe(report.digest);
    expect(again.tenants).toEqual(report.tenants);
    expect(again.calibration).toEqual(report.calibration);
  });

  test('and another seed another digest', { timeout: LIMIT_MS }, async () => {
    const other = reportOf(await turing([...SMALL, '--seed', '43']));
    expect(other.digest).not.toBe(report.digest);
  });

  test('the report holds what it promises', () => {
    expect(report).toMatchObject({
      synthetic: true,
      scenario: 'steady-state',
      seed: '42',
      settings: { members: 40, days: 5 },
    });
    expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(report.signed).toEqual({
      tenantId: 'CU_DIGITAL',
      number: expect.any(Number),
      key: expect.stringMatching(/^[0-9a-f]{16}$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const [tenant] = report.tenants;
    expect(tenant).toMatchObject({ tenantId: 'CU_DIGITAL', members: 40, currency: 'AUD' });
    expect(tenant?.accounts).toBeGreaterThanOrEqual(80);
    expect(tenant?.entries).toBeGreaterThan(40 * 5);
    expect(tenant?.byDay).toHaveLength(5);
    expect(Object.keys(report.invariants).toSorted()).toEqual([
      'ACCOUNT_CONSTRAINTS',
      'BALANCED_ENTRIES',
      'DERIVED_BALANCES',
      'HASH_CHAIN',
      'TENANT_ISOLATION',
    ]);
    for (const { checked, breaches } of Object.values(report.invariants)) {
      expect(checked).toBeGreaterThan(0);
      expect(breaches).toBe(0);
    }
    const { synthMs, startMs, seedMs, simulateMs, verifyMs } = report.phases;
    expect(Math.min(synthMs, startMs, seedMs, simulateMs, verifyMs)).toBeGreaterThan(0);
    expect(synthMs + startMs + seedMs + simulateMs + verifyMs).toBeLessThanOrEqual(report.durationMs + 5);
    expect(
      Math.min(report.latencyMs.p50, report.throughput.commandsPerSecond ?? 0, report.consumed.writeUnits),
    ).toBeGreaterThan(0);
    expect(report).toMatchObject({ tenantsBefore: [], repeated: false });
    expect(report.latencyMs.p50).toBeLessThanOrEqual(report.latencyMs.p99);
    expect(report.cost.total).toBeGreaterThan(0);
    expect(report.cost.perMillionEntries).toBeCloseTo((report.cost.total / (tenant?.entries ?? 0)) * 1e6, 6);
    expect(report.calibration.length).toBeGreaterThan(5);
    expect(report.reconciledAccounts).toBe(tenant?.accounts);
  });

  test('progress and the readable report are on stderr, without a spinner', () => {
    expect(first.stderr).toMatch(/✓ synth[^]*✓ start[^]*✓ seed[^]*✓ simulate[^]*✓ verify/);
    expect(first.stderr).toContain(report.digest);
    expect(first.stderr).not.toContain('\u001b');
  });

  test('a folder of the run holds the page and the JSON', () => {
    const runDir = /Report as a page: (.*)\/report\.html/.exec(first.stderr)?.[1] ?? '';
    expect(readdirSync(runDir)).toEqual(expect.arrayContaining(['report.html', 'report.json']));
    expect(JSON.parse(readFileSync(join(runDir, 'report.json'), 'utf8'))).toEqual(report);
    expect(readFileSync(join(runDir, 'report.html'), 'utf8')).toContain(report.digest);
  });
});

test(
  'a kept store is verified at rest, and repeating the run on it changes nothing',
  { timeout: LIMIT_MS },
  async () => {
    const dataDir = join(folder, 'store');
    const small = ['demo', '--once', '--members', '12', '--days', '2', '--data', dataDir, '--json', '-'];
    const report = reportOf(await turing(small));
    const verified = await turing(['verify', '--data', dataDir, '--json']);
    expect(verified.exitCode).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ digest: report.digest, tenants: [{ tenantId: 'CU_DIGITAL' }] });
    const again = await turing(small);
    expect(reportOf(again)).toMatchObject({
      digest: report.digest,
      tenantsBefore: ['CU_DIGITAL'],
      repeated: true,
      throughput: { commandsPerSecond: null, eventsPerSecond: null },
      projectionLagMs: null,
      cost: { perMillionEntries: null },
    });
    expect(again.stderr).toContain('which held CU_DIGITAL before this run');
    expect(again.stderr).not.toContain('The same flags give the same journal digest');
    const unknown = await turing(['verify', '--data', dataDir, '--tenant', 'CU_OTHER']);
    expect(unknown).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error {2}Cannot audit tenant "CU_OTHER": the journal has no such tenant\n$/),
    });
  },
);

test('a changed byte in the journal is a breach: exit code 5, with the evidence', { timeout: LIMIT_MS }, async () => {
  const dataDir = join(folder, 'tampered');
  await turing(['demo', '--once', '--members', '8', '--days', '1', '--data', dataDir]);
  const commit = await tamper(dataDir);
  const text = await turing(['verify', '--data', dataDir]);
  expect(text.exitCode).toBe(5);
  expect(text.stdout).toMatch(/HASH_CHAIN +[\d,]+ +[1-9]\d* +breached/);
  expect(text.stdout).toContain(`CU_DIGITAL, chain ${commit.chain}, seq `);
  const json = await turing(['verify', '--data', dataDir, '--json']);
  expect(json.exitCode).toBe(5);
  expect(JSON.parse(json.stdout).invariants.HASH_CHAIN.breaches).toBeGreaterThan(0);
});

/** Changes a digit in a stored commit, as somebody with access to the table might. */
async function tamper(dataDir: string): Promise<{ chain: string }> {
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now: Date.now });
  const cloud = await startCloud({ assemblyDir, dataDir });
  try {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new DynamoDBClient({ endpoint: cloud.endpoints.dynamodb, region: 'us-east-1', credentials });
    const { Items = [] } = await client.send(new ScanCommand({ TableName: cloud.outputs['JournalTableName'] }));
    for (const { zst, ...item } of Items) {
      const [, chain] = /#chain#(\d\d)$/.exec(item['pk']?.S ?? '') ?? [];
      if (chain === undefined) continue;
      const packed = zst?.B === undefined ? {} : { zst: { B: Buffer.from(zst.B).toString('base64') } };
      // The items of the SDK's client differ from the lean one's in their bytes only.
      const { body } = commitOfItem({ ...item, ...packed });
      const changed = { ...item, body: { S: body.replace(/"seq":(\d)/, '"seq":9$1') } };
      await client.send(new PutItemCommand({ TableName: cloud.outputs['JournalTableName'], Item: changed }));
      client.destroy();
      return { chain };
    }
    throw new Error('The journal holds no commit of a member chain');
  } finally {
    await cloud.stop();
  }
}

test('a demo that stays up serves API, reference and report, and ends with Ctrl-C', { timeout: LIMIT_MS }, async () => {
  const jsonFile = join(folder, 'report.json');
  const demo = startTuring(['demo', '--members', '5', '--days', '1', '--json', jsonFile]);
  const [, apiUrl = ''] = await demo.says(/^API +(\S+)\/v1\nDocs +\S+\nReport +\S+\n$/m);
  const text = async (path: string): Promise<string> => (await fetch(`${apiUrl}${path}`)).text();
  const report: Report = JSON.parse(readFileSync(jsonFile, 'utf8'));
  expect(await text(`/reports/${report.runId}/report.html`)).toContain(report.digest);
  expect(await text('/docs')).toContain('TuringCore API reference');
  expect(JSON.parse(await text('/openapi.json'))).toMatchObject({ openapi: '3.0.3' });
  expect((await fetch(`${apiUrl}/v1/tenants/CU_DIGITAL/accounts`)).status).toBe(401);
  demo.interrupt();
  const { exitCode, stdout } = await demo.finished;
  expect(exitCode).toBe(0);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Report +http.*report\.html$/);
});

test('Ctrl-C in the middle cancels with exit code 2 and leaves no engine behind', { timeout: LIMIT_MS }, async () => {
  const dataDir = join(folder, 'cancelled');
  const demo = startTuring(['demo', '--once', '--members', '400', '--days', '30', '--data', dataDir]);
  const enginePid = await until(() =>
    existsSync(join(dataDir, 'engine.pid')) ? Number(readFileSync(join(dataDir, 'engine.pid'), 'utf8')) : 0,
  );
  demo.interrupt();
  const { exitCode, stdout, stderr } = await demo.finished;
  expect(stderr).toContain('Cancelled');
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  await expect.poll(() => isRunning(enginePid)).toBe(false);
});

async function until(look: () => number): Promise<number> {
  for (;;) {
    const found = look();
    if (found > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** An ended process whose parent has not yet asked how it ended (state Z) runs no more. */
function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/^\d+ \(.*\) [ZX] /.test(readFileSync(path, 'utf8'));
}
