import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PATHS } from '../../src/cli/project-paths.ts';
import type { Report } from '../../src/cli/report/report.ts';
import { startTuring, turing } from './turing-process.ts';

const page = readFileSync(join(PATHS.root, 'docs/concepts/journal-format.md'), 'utf8');
const [verifyProgram = '', readProgram = ''] = [...page.matchAll(/```js\n(.*?)```/gs)].map((match) => match[1]);
const [, dictionary = ''] = /```ndjson\n(.*?)```/s.exec(page) ?? [];
const CHAINS = [...Array.from({ length: 16 }, (_, index) => String(index).padStart(2, '0')), 'catalog'];

const dataDir = mkdtempSync(join(tmpdir(), 'read-store-'));
/** Within the repository, where the AWS SDK is found. */
mkdirSync(PATHS.state, { recursive: true });
const programs = mkdtempSync(join(PATHS.state, 'read-store-'));
afterAll(() => {
  for (const folder of [dataDir, programs]) rmSync(folder, { recursive: true, force: true });
});

test('whoever has only the page comes from the bytes to the digest', { timeout: 120_000 }, async () => {
  const [read, verify] = [join(programs, 'read.mjs'), join(programs, 'verify.mjs')];
  writeFileSync(read, readProgram);
  writeFileSync(verify, verifyProgram);
  writeFileSync(join(programs, 'dictionary.ndjson'), dictionary);
  const demo = await turing(['demo', '--once', '--members', '8', '--days', '1', '--data', dataDir, '--json', '-']);
  const report: Report = JSON.parse(demo.stdout);

  const up = startTuring(['up', '--port', '0', '--data', dataDir]);
  const [, endpoint = '', table = '', apiUrl = ''] = await up.says(
    /^Journal +(\S+) \(DynamoDB\), table (\S+)\nAPI +(\S+)\/v1\nDocs +\S+\n$/m,
  );
  const env = { ...process.env, AWS_REGION: 'ap-southeast-2', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'x' };
  const heads = CHAINS.map((chain) => {
    const name = `CU_DIGITAL#chain#${chain}`;
    const lines = execFileSync(process.execPath, [read, table, name, endpoint], {
      cwd: programs,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return `${name} ${execFileSync(process.execPath, [verify, name], { input: lines, encoding: 'utf8' })}`;
  });
  expect(createHash('sha256').update(heads.join('')).digest('hex')).toBe(report.tenants[0]?.digest);
  expect(await (await fetch(apiUrl)).text()).toContain('href="/docs"');
  up.interrupt();
  expect((await up.finished).exitCode).toBe(0);
});
