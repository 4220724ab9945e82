import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { issueToken } from '../token/issue-token.ts';
import { announceCloud } from './announce.ts';
import { findCloud, findCloudOf, removeCloudFile, writeCloudFile } from './cloud-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloud-file-'));
const path = join(folder, 'deep', 'cloud.json');
const ADDRESS = {
  apiUrl: 'http://127.0.0.1:1',
  awsUrl: 'http://127.0.0.1:2',
  localSecret: 's',
  pid: process.pid,
  dataDir: '/data',
};
/** A process that has ended. */
const gonePid = spawnSync(process.execPath, ['-e', '']).pid;

beforeEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('cloud.json', () => {
  test('is found while its process lives, and nobody else can read the secret', () => {
    writeCloudFile(path, ADDRESS);
    expect(findCloud(path)).toEqual(ADDRESS);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('of a process that is gone is no cloud', () => {
    writeCloudFile(path, { ...ADDRESS, pid: gonePid });
    expect(findCloud(path)).toBeUndefined();
  });

  test('is removed by its own process only', () => {
    writeCloudFile(path, ADDRESS);
    removeCloudFile(path, process.pid + 1);
    expect(existsSync(path)).toBe(true);
    removeCloudFile(path, process.pid);
    expect(existsSync(path)).toBe(false);
  });

  test.each(['', '{', '[]', '{"pid": "7"}'])('with content %j is no cloud', (content) => {
    writeCloudFile(path, ADDRESS);
    writeFileSync(path, content);
    expect(findCloud(path)).toBeUndefined();
  });
});

describe('the cloud of a folder', () => {
  const store = join(folder, 'store');
  const beside = join(store, 'cloud.json');
  beforeEach(() => rmSync(store, { recursive: true, force: true }));

  test('is the one that was started first, where it uses the folder', () => {
    writeCloudFile(path, { ...ADDRESS, dataDir: store });
    expect(findCloudOf(store, path)?.apiUrl).toBe(ADDRESS.apiUrl);
    expect(findCloudOf(`${store}/../store`, path)?.apiUrl).toBe(ADDRESS.apiUrl);
  });

  test('is another one that says so beside its data', () => {
    writeCloudFile(path, ADDRESS);
    expect(findCloudOf(store, path)).toBeUndefined();
    writeCloudFile(beside, { ...ADDRESS, apiUrl: 'http://127.0.0.1:7', dataDir: store });
    expect(findCloudOf(store, path)?.apiUrl).toBe('http://127.0.0.1:7');
  });

  test('is none where its process is gone', () => {
    writeCloudFile(beside, { ...ADDRESS, pid: gonePid, dataDir: store });
    expect(findCloudOf(store, path)).toBeUndefined();
  });
});

test('an announced cloud tells where its bytes are, and does not take the place of another', () => {
  const cloud = {
    apiUrl: ADDRESS.apiUrl,
    endpoints: { aws: ADDRESS.awsUrl, dynamodb: 'http://127.0.0.1:3', kinesis: '' },
    outputs: { JournalTableName: 'J-1', ViewsTableName: 'V-1' },
    localSecret: 's',
    dataDir: '/data',
  };
  const { withdraw, otherUrl } = announceCloud(path, cloud);
  expect(otherUrl).toBeUndefined();
  expect(findCloud(path)).toEqual({
    ...ADDRESS,
    dynamodbUrl: 'http://127.0.0.1:3',
    journalTable: 'J-1',
    viewsTable: 'V-1',
  });
  expect(announceCloud(path, { ...cloud, apiUrl: 'http://127.0.0.1:9' }).otherUrl).toBe(ADDRESS.apiUrl);
  withdraw();
  expect(findCloud(path)).toBeUndefined();
});

describe('issueToken', () => {
  const claims = { cloudFile: path, subject: 'OPERATOR', tenants: ['CU_A'], ttlSeconds: 60 };

  async function withServer(
    status: number,
    answer: unknown,
    use: (seen: { body: string; secret: unknown }[]) => Promise<void>,
  ): Promise<void> {
    const seen: { body: string; secret: unknown }[] = [];
    const server: Server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        seen.push({ body, secret: request.headers['x-local-secret'] });
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A TCP server's address is never a path.
    const { port } = server.address() as AddressInfo;
    writeCloudFile(path, { ...ADDRESS, awsUrl: `http://127.0.0.1:${port}` });
    await use(seen).finally(() => server.close());
  }

  test('asks the running cloud with its secret, for all rights unless told otherwise', async () => {
    await withServer(200, { token: 'jwt' }, async (seen) => {
      expect(await issueToken(claims)).toBe('jwt');
      expect(seen[0]?.secret).toBe('s');
      expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
        subject: 'OPERATOR',
        tenants: ['CU_A'],
        ttlSeconds: 60,
        rights: expect.arrayContaining(['queries', 'commands:PostEntry']),
      });
      await issueToken({ ...claims, rights: ['queries'] });
      expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject({ rights: ['queries'] });
    });
  });

  test('a refused secret is exit code 4', async () => {
    await withServer(403, {}, async () => {
      await expect(issueToken(claims)).rejects.toMatchObject({ exitCode: 4 });
    });
  });

  test('without a cloud it says how to start one', async () => {
    await expect(issueToken(claims)).rejects.toMatchObject({
      exitCode: 1,
      message: 'No cloud is running',
      fix: expect.stringContaining('turing up'),
    });
  });

  test('a cloud that does not answer is exit code 1', async () => {
    writeCloudFile(path, { ...ADDRESS, awsUrl: 'http://127.0.0.1:1' });
    await expect(issueToken(claims)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('Cannot reach'),
    });
  });
});
