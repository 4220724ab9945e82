import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from './index.ts';
import { createApiFixture } from './testing/api-fixture.ts';
import { openDataDir } from './data-dir.ts';
import { signedCall, startDynamoDbBench } from './testing/dynamodb-bench.ts';
import type { Fixture } from './testing/fixture.ts';

let fixture: Fixture;
let cloud: Cloud;
const lines: string[] = [];

beforeAll(async () => {
  fixture = createApiFixture();
  cloud = await startCloud({
    assemblyDir: fixture.assemblyDir,
    dataDir: fixture.dataDir,
    log: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await cloud.stop();
  fixture.remove();
});

const token = (more: Partial<Parameters<Cloud['issueToken']>[0]> = {}) =>
  cloud.issueToken({ subject: 'TWIN', tenants: ['CU_A'], rights: ['queries'], ...more });

async function putItem(tenant: string, pk: string, sk: number): Promise<{ status: number; text: string }> {
  const response = await fetch(`${cloud.apiUrl}/tenants/${tenant}/items`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ pk, sk }),
  });
  return { status: response.status, text: await response.text() };
}

describe('a request', () => {
  it('goes from the API through the function to the journal and on to the projection', async () => {
    const { status, text } = await putItem('CU_A', 'CU_A#chain#00', 1);
    expect([status, JSON.parse(text)]).toEqual([
      202,
      { Item: { pk: { S: 'CU_A#chain#00' }, sk: { N: '1' } }, sub: 'TWIN' },
    ]);
    await cloud.settled();
    await expect.poll(() => cloud.metrics.latest('Projected')?.properties).toEqual({ pk: 'CU_A#chain#00' });
    expect(cloud.metrics.query('Written', { dimensions: { tenant: 'CU_A' } }).sum).toBe(1);
    expect(cloud.consumed()).toMatchObject({ writeUnits: 1, readUnits: 1, kinesisRecords: 1 });
  });

  it('touches its tenant’s items only, by the credentials of its session', async () => {
    expect(await putItem('CU_A', 'CU_AB#chain#00', 1)).toEqual({ status: 409, text: 'AccessDeniedException' });
    expect(await putItem('CU_AB', 'CU_A#chain#00', 9)).toEqual({ status: 409, text: 'AccessDeniedException' });
  });

  it('is served again after the function was killed', async () => {
    await cloud.killFunction('Api');
    expect((await putItem('CU_A', 'CU_A#chain#00', 2)).status).toBe(202);
  });
});

describe('functions', () => {
  it('get addresses, secrets and grants from the template', async () => {
    const answer = (await cloud.invoke('Worker', { secret: true })) as {
      secret: string;
      tokenUrl: string;
      apiUrl: string;
    };
    expect(answer).toEqual({
      secret: expect.stringMatching(/^[0-9a-f]{64}$/),
      tokenUrl: `${cloud.endpoints.aws}/oauth2/token`,
      apiUrl: cloud.apiUrl,
    });
    const response = await fetch(answer.tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`TWIN:${answer.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'tenants/CU_A' }),
    });
    const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number };
    expect(expires_in).toBe(1_800);
    const put = await fetch(`${cloud.apiUrl}/tenants/CU_A/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ pk: 'CU_A#chain#01', sk: 1 }),
    });
    expect(put.status).toBe(202);
  });

  it('reject an unknown id by naming what there is', async () => {
    await expect(cloud.invoke('Nobody', {})).rejects.toThrow(/"Nobody": 0 match among .*Worker/);
  });
});

describe('the owner’s address', () => {
  const ask = (path: string, init: RequestInit & { secret?: string } = {}) =>
    fetch(`${cloud.endpoints.aws}/_local/${path}`, {
      ...init,
      headers: { 'x-local-secret': init.secret ?? cloud.localSecret },
    });

  it('gives tokens and invokes functions for who has the secret', async () => {
    const response = await ask('token', {
      method: 'POST',
      body: JSON.stringify({ subject: 'OPS', tenants: ['CU_A'], rights: ['queries'] }),
    });
    expect(((await response.json()) as { token: string }).token.split('.')).toHaveLength(3);
    expect(await (await ask('invoke/Worker', { method: 'POST', body: '{"item":4}' })).json()).toEqual({
      doubled: 8,
      day: null,
    });
    const failed = await ask('invoke/Worker', { method: 'POST', body: '{"run":"x","failTimes":1}' });
    expect([failed.status, await failed.json()]).toMatchObject([
      502,
      { errorType: 'Flaky', errorMessage: 'try again' },
    ]);
    expect((await ask('token', { method: 'POST', body: '{}', secret: 'guess' })).status).toBe(403);
  });
});

describe('streams that die', () => {
  const kill = async () =>
    fetch(`${cloud.endpoints.aws}/_local/kill/streams`, {
      method: 'POST',
      headers: { 'x-local-secret': cloud.localSecret },
    });
  const projected = () => cloud.metrics.query('Projected').sum;

  it('are started again, empty, at the same address; what changes after that is read', async () => {
    expect(await (await kill()).json()).toEqual({ killed: expect.stringMatching(/^thread \d+$/) });
    for (let round = 1; round <= 2; round++) {
      const before = projected();
      expect((await putItem('CU_A', 'CU_A#chain#05', round)).status).toBe(202);
      await expect.poll(projected, { timeout: 5_000 }).toBe(before + 1);
      if (round === 1) await cloud.killStreams();
    }
    await expect
      .poll(() =>
        fetch(cloud.endpoints.kinesis).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(lines).toContainEqual(expect.stringMatching(/^The stream \(thread \d+\) ended unexpectedly$/));
    expect(lines).toContainEqual(expect.stringMatching(/^The stream runs again as thread \d+: restart 2/));
  });

  it('again and again stop the local cloud, which says why and ends all the same', async () => {
    const other = createApiFixture();
    const dying = await startCloud({ assemblyDir: other.assemblyDir, log: (line) => lines.push(line) });
    try {
      let reason: Error | undefined;
      void dying.failed.then((error) => (reason = error));
      const killing = setInterval(() => void dying.killStreams(), 20);
      await expect.poll(() => reason?.message, { timeout: 15_000 }).toBe('The stream ends again and again');
      clearInterval(killing);
      await dying.stop();
    } finally {
      other.remove();
    }
  }, 20_000);
});

describe('executions', () => {
  it('run the template’s state machine to its end', async () => {
    const { done } = await cloud.startExecution('SteadyState', { days: 2, count: 5, failTimes: 0 });
    const { status, output } = await done;
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ day: 2, results: [2, 4, 6, 8, 10].map((doubled) => ({ doubled })) });
  });

  it('retry as told, and fail with the function’s error', async () => {
    const retried = await cloud.startExecution('Machine', { days: 1, count: 1, failTimes: 1 });
    expect((await retried.done).status).toBe('SUCCEEDED');
    const failed = await cloud.startExecution('Machine', { days: 1, count: 1, failTimes: 9 });
    expect(await failed.done).toEqual({
      status: 'FAILED',
      error: 'Flaky',
      cause: expect.stringContaining('"errorMessage":"try again"'),
    });
  });

  it('are started and described over the API too, with credentials', async () => {
    let authorization = '';
    const call = async (operation: string, body: unknown) =>
      (await (
        await fetch(cloud.endpoints.aws, {
          method: 'POST',
          headers: { authorization, 'x-amz-target': `AWSStepFunctions.${operation}` },
          body: JSON.stringify(body),
        })
      ).json()) as Record<string, unknown>;
    expect(await call('StartExecution', {})).toMatchObject({ __type: 'UnrecognizedClientException' });
    authorization = 'AWS4-HMAC-SHA256 Credential=test/20261121/ap-southeast-2/states/aws4_request';
    const { executionArn } = await call('StartExecution', {
      stateMachineArn: 'arn:aws:states:ap-southeast-2:000000000000:stateMachine:Test-Machine',
      input: '{"days":0,"count":1,"failTimes":0}',
    });
    await expect.poll(async () => (await call('DescribeExecution', { executionArn }))['status']).toBe('SUCCEEDED');
    expect(await call('StartExecution', { stateMachineArn: 'arn:none' })).toMatchObject({
      __type: 'StateMachineDoesNotExist',
    });
  });
});

describe('a data directory', () => {
  it('belongs to one local cloud at a time', async () => {
    await expect(startCloud({ assemblyDir: fixture.assemblyDir, dataDir: fixture.dataDir })).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      pid: process.pid,
    });
  });

  it('a taken port is told by its code, and leaves nothing behind', async () => {
    const port = Number(new URL(cloud.apiUrl).port);
    await expect(startCloud({ assemblyDir: fixture.assemblyDir, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('keeps items, keys and secrets across restarts, and refuses other key schemas', async () => {
    const before = await token();
    await cloud.stop();
    const started = performance.now();
    cloud = await startCloud({
      assemblyDir: fixture.assemblyDir,
      dataDir: fixture.dataDir,
      log: (line) => lines.push(line),
    });
    expect(performance.now() - started).toBeLessThan(5_000);
    const item = await signedCall({
      url: cloud.endpoints.dynamodb,
      operation: 'GetItem',
      body: { TableName: 'Test-Journal', Key: { pk: { S: 'CU_A#chain#00' }, sk: { N: '1' } } },
    });
    expect(item.body['Item']).toBeDefined();
    const echoed = await fetch(`${cloud.apiUrl}/tenants/CU_A/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${before}` },
      body: '{}',
    });
    expect(echoed.status).not.toBe(401);

    await cloud.stop();
    const journal = fixture.template.Resources['Journal']?.Properties;
    const keySchema = journal?.['KeySchema'];
    Object.assign(journal ?? {}, { KeySchema: [{ AttributeName: 'registry', KeyType: 'HASH' }] });
    fixture.save();
    await expect(startCloud({ assemblyDir: fixture.assemblyDir, dataDir: fixture.dataDir })).rejects.toThrow(
      /Cannot use the stored table "Test-Journal"/,
    );
    Object.assign(journal ?? {}, { KeySchema: keySchema });
    fixture.save();
    cloud = await startCloud({
      assemblyDir: fixture.assemblyDir,
      dataDir: fixture.dataDir,
      log: (line) => lines.push(line),
    });
  });
});

describe('a local cloud that is killed', () => {
  it('takes its engine along, keeps what was acknowledged, and lets the next one in', async () => {
    await cloud.stop();
    const script = join(fixture.assemblyDir, 'child.ts');
    writeFileSync(
      script,
      `const { startCloud } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'index.ts')).href)});
       const cloud = await startCloud({ assemblyDir: ${JSON.stringify(fixture.assemblyDir)}, dataDir: ${JSON.stringify(fixture.dataDir)} });
       console.log(cloud.endpoints.dynamodb);`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
    );
    await signedCall({
      url,
      operation: 'PutItem',
      body: { TableName: 'Test-Journal', Item: { pk: { S: 'kept' }, sk: { N: '1' } } },
    });
    const enginePid = readFileSync(join(fixture.dataDir, 'engine.pid'), 'utf8');
    child.kill('SIGKILL');
    await expect
      .poll(
        () => existsSync(`/proc/${enginePid}`) && !readFileSync(`/proc/${enginePid}/stat`, 'utf8').includes(') Z '),
        { timeout: 3_000 },
      )
      .toBe(false);
    cloud = await startCloud({ assemblyDir: fixture.assemblyDir, dataDir: fixture.dataDir });
    const item = await signedCall({
      url: cloud.endpoints.dynamodb,
      operation: 'GetItem',
      body: { TableName: 'Test-Journal', Key: { pk: { S: 'kept' }, sk: { N: '1' } } },
    });
    expect(item.body['Item']).toBeDefined();
    expect(
      execFileSync('ps', ['-eo', 'args'])
        .toString()
        .split('\n')
        .filter((line) => line.includes(fixture.dataDir) && line.includes('dynoxide serve') && !line.startsWith('sh ')),
    ).toHaveLength(1);
  });
});

describe('an engine that dies', () => {
  const key = { pk: { S: 'CU_A#chain#09' }, sk: { N: '1' } };
  const enginePid = () => Number(readFileSync(join(fixture.dataDir, 'engine.pid'), 'utf8'));
  const read = async () =>
    (
      await signedCall({
        url: cloud.endpoints.dynamodb,
        operation: 'GetItem',
        body: { TableName: 'Test-Journal', Key: key, ConsistentRead: true },
      })
    ).body['Item'];

  beforeAll(async () => {
    await cloud.stop();
    lines.length = 0;
    cloud = await startCloud({
      assemblyDir: fixture.assemblyDir,
      dataDir: fixture.dataDir,
      log: (line) => lines.push(line),
    });
  });

  it('is started again on the same data: the API fails in the gap only, and the log tells', async () => {
    expect((await putItem('CU_A', 'CU_A#chain#09', 1)).status).toBe(202);
    const before = enginePid();
    process.kill(before, 'SIGKILL');
    await expect.poll(() => read().catch(() => undefined), { timeout: 5_000 }).toEqual(key);
    expect(enginePid()).not.toBe(before);
    expect((await putItem('CU_A', 'CU_A#chain#09', 2)).status).toBe(202);
    // More requests at once than there were connections: none of these is a dead one.
    expect(await Promise.all(Array.from({ length: 100 }, read))).toEqual(Array.from({ length: 100 }, () => key));
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`DynamoDB engine \\(process ${before}\\) ended unexpectedly`)),
    );
    expect(lines).toContainEqual(expect.stringMatching(/runs again as process \d+: restart 1 within a minute/));
  });

  it('again and again stops the local cloud, which says why', async () => {
    let reason: Error | undefined;
    void cloud.failed.then((error) => (reason = error));
    // One restart of five is used up by the test before.
    for (let death = 1; death <= 5; death++) {
      const before = enginePid();
      process.kill(before, 'SIGKILL');
      if (death < 5) await expect.poll(enginePid, { timeout: 10_000 }).not.toBe(before);
    }
    await expect.poll(() => reason?.message, { timeout: 5_000 }).toMatch(/^The DynamoDB engine ends again and again/);
    await cloud.stop();
    await expect(fetch(cloud.apiUrl)).rejects.toThrow();
    expect(existsSync(join(fixture.dataDir, 'cloud.lock'))).toBe(false);
    expect(lines).toContainEqual(expect.stringMatching(/^The local cloud stops: The DynamoDB engine ends again/));
    cloud = await startCloud({ assemblyDir: fixture.assemblyDir, dataDir: fixture.dataDir });
    expect(await read()).toEqual(key);
  }, 30_000);
});

describe('data files', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it('are their owner’s alone', () => {
    const found = readdirSync(fixture.dataDir, { recursive: true, withFileTypes: true });
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(['dynamodb.sqlite', 'engine.pid']));
    const modes = found.map((entry) => [entry.name, modeOf(join(entry.parentPath, entry.name))]);
    expect(modes).toEqual(found.map((entry) => [entry.name, entry.isDirectory() ? '700' : '600']));
    expect(modeOf(fixture.dataDir)).toBe('700');
  });

  it('that an earlier local cloud left open are closed, and a folder of other things keeps its mode', () => {
    const folder = mkdtempSync(join(tmpdir(), 'turing-test-'));
    try {
      const database = join(folder, 'dynamodb.sqlite');
      writeFileSync(database, '', { mode: 0o644 });
      mkdirSync(join(folder, 'logs'), { mode: 0o755 });
      chmodSync(folder, 0o755);
      openDataDir(folder).release();
      expect([folder, database, join(folder, 'logs')].map(modeOf)).toEqual(['700', '600', '700']);
      writeFileSync(join(folder, 'notes.txt'), '', { mode: 0o644 });
      chmodSync(folder, 0o755);
      openDataDir(folder).release();
      expect([folder, database, join(folder, 'notes.txt')].map(modeOf)).toEqual(['755', '600', '644']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('another DynamoDB', () => {
  it('takes the engine’s place by its endpoint, and the same checks stand before it', async () => {
    const other = createApiFixture();
    const bench = await startDynamoDbBench();
    const replaced = await startCloud({ assemblyDir: other.assemblyDir, dynamodbEndpoint: bench.engine.url });
    try {
      const key = { pk: { S: 'CU_A#elsewhere' }, sk: { N: '1' } };
      const body = { TableName: 'Test-Journal', Item: key };
      await signedCall({ url: replaced.endpoints.dynamodb, operation: 'PutItem', body });
      const found = await signedCall({
        url: bench.engine.url,
        operation: 'GetItem',
        body: { TableName: 'Test-Journal', Key: key },
      });
      expect(found.body['Item']).toEqual(key);
      expect(existsSync(join(replaced.dataDir, 'engine.pid'))).toBe(false);
    } finally {
      await replaced.stop();
      await bench.stop();
      other.remove();
    }
  });
});

describe('temporary data', () => {
  it('goes with its local cloud, also when that was killed', async () => {
    const temporary = openDataDir(undefined);
    const lockPath = join(temporary.path, 'cloud.lock');
    // As a killed process leaves it: a lock whose owner is gone.
    writeFileSync(lockPath, readFileSync(lockPath, 'utf8').replace(/^\d+ \d+/, '999999999 1'));
    const next = openDataDir(undefined);
    expect([existsSync(temporary.path), existsSync(next.path)]).toEqual([false, true]);
    const third = openDataDir(undefined);
    expect(existsSync(next.path)).toBe(true);
    next.release();
    third.release();
    expect([existsSync(next.path), existsSync(third.path)]).toEqual([false, false]);
  });
});
