import { describe, expect, test } from 'vitest';
import { createTerminal } from '../terminal.ts';
import type { Machine } from './machine.ts';
import { thisMachine } from './machine.ts';
import { runDoctor } from './run-doctor.ts';

const HEALTHY: Machine = {
  nodeVersion: '24.21.0',
  platform: 'linux-x64',
  dynamodbEndpoint: undefined,
  enginePath: '/engine',
  run: async () => 'engine 1.0',
  answers: async () => true,
  resolves: () => true,
  canListen: async () => true,
  kindOf: () => 'folder',
  writableFault: () => undefined,
  freeBytes: () => 10 * 1024 ** 3,
  memoryBytes: 8 * 1024 ** 3,
  templateCached: () => true,
  cloudFile: { address: undefined, alive: false },
  examineStore: async () => ({ bytes: 12_345_678, note: undefined }),
  paths: { state: '/project/.turing', temporary: '/tmp', data: '/project/.turing/data' },
  isDataGiven: false,
};
const ADDRESS = { apiUrl: 'http://127.0.0.1:4510', awsUrl: 'http://127.0.0.1:1', localSecret: 's', pid: 77 };

async function examine(faults: Partial<Machine>, json = false): Promise<{ exitCode: number; text: string }> {
  let text = '';
  const stream = { write: (more: string) => (text += more) };
  const terminal = createTerminal({ stdout: stream, stderr: stream, env: {} });
  const context = { terminal, env: {}, now: () => 0, stop: new AbortController().signal };
  const exitCode = await runDoctor({ json, machine: { ...HEALTHY, ...faults } }, context);
  return { exitCode, text };
}

test('a healthy machine passes, with nothing to fix', async () => {
  const { exitCode, text } = await examine({});
  expect(exitCode).toBe(0);
  expect(text).not.toMatch(/fail|note|→/);
  expect(text).toContain('npm run demo');
});

describe('each failure has its fix beside it, and exit code 1', () => {
  test.each<[string, Partial<Machine>, RegExp]>([
    ['old Node', { nodeVersion: '20.19.0' }, /20\.19\.0[^]*→ Run it as npx turing/],
    ['a missing package', { resolves: (name) => name !== 'esbuild' }, /missing: esbuild\n.*→ npm ci/],
    ['no engine', { enginePath: undefined }, /no embedded engine for linux-x64\n.*→ npm ci.*DYNAMODB_ENDPOINT/],
    [
      'an engine that does not run',
      { run: async () => Promise.reject(new Error('exec format')) },
      /does not run here\n.*→ Reinstall/,
    ],
    [
      'a dead endpoint',
      { dynamodbEndpoint: 'http://x', answers: async () => false },
      /http:\/\/x does not answer\n.*→ Start that server/,
    ],
    ['no loopback', { canListen: async () => false }, /cannot listen on 127\.0\.0\.1\n.*→/],
    [
      'a read-only folder',
      { writableFault: (path) => (path === '/tmp' ? 'EROFS' : undefined) },
      /\/tmp: its file system is read-only \(EROFS\)\n.*→ Mount \/tmp for writing, or set TMPDIR/,
    ],
    [
      'a folder of somebody else',
      { writableFault: (path) => (path === '/tmp' ? 'EACCES' : undefined) },
      /\/tmp: this user may not write there \(EACCES\)\n.*→ Make \/tmp writable for this user, or set TMPDIR/,
    ],
    ['a full disk', { freeBytes: () => 1024 }, /only 1\.0 KB[^]*→ Free 500 MB/],
    [
      'a full disk under the folder that was asked for',
      {
        isDataGiven: true,
        paths: { ...HEALTHY.paths, data: '/other/store' },
        freeBytes: (path) => (path === '/other/store' ? 0 : 10 * 1024 ** 3),
        writableFault: (path) => (path === '/other/store' ? 'ENOSPC' : undefined),
      },
      /\/other\/store: its disk is full \(ENOSPC\)\n.*→ Free space on \/other\/store\.\n[^]*only 0 B at \/other\/store[^]*\/other\/store cannot be written: its disk is full \(ENOSPC\)\n.*→ Free space on it/,
    ],
    [
      'a folder that was asked for and is not there',
      { kindOf: () => undefined, isDataGiven: true },
      /fail +Store +there is no folder \/project\/\.turing\/data\n.*→ Give --data/,
    ],
    ['a file in its place', { kindOf: () => 'file', isDataGiven: true }, /fail +Store +.* is a file\n.*→ Give --data/],
    [
      'a store on a read-only file system, which is not called damaged',
      {
        writableFault: (path) => (path.endsWith('/data') ? 'EROFS' : undefined),
        examineStore: async () => Promise.reject(new Error('The store is damaged')),
      },
      /fail +Store +\/project\/\.turing\/data cannot be written: its file system is read-only \(EROFS\)\n.*→ Mount it for writing, or copy it(?![^]*damaged)/,
    ],
    [
      'a damaged store',
      { examineStore: async () => Promise.reject(new Error('The store is damaged: "/x": it is empty')) },
      /fail +Store +The store is damaged: "\/x": it is empty\n.*→ docs\/operating\/faults\.md/,
    ],
  ])('%s', async (_name, faults, expected) => {
    const { exitCode, text } = await examine(faults);
    expect(exitCode).toBe(1);
    expect(text).toMatch(expected);
  });
});

describe('what only deserves a note leaves exit code 0', () => {
  test.each<[string, Partial<Machine>, RegExp]>([
    ['a taken port', { canListen: async (port) => port === 0 }, /note +Port 4510 +taken by another program/],
    ['no template', { templateCached: () => false }, /note +Template/],
    [
      'a store without the list of what it holds',
      { examineStore: async () => ({ bytes: 2_048, note: '"/x/store.json" is missing' }) },
      /note +Store +2\.0 KB at \S+ with nothing wrong in them, but "\/x\/store\.json" is missing\n.*→ Put it back/,
    ],
    ['little memory', { memoryBytes: 1024 ** 3 }, /note +Memory/],
    [
      'a stale cloud file',
      { cloudFile: { address: ADDRESS, alive: false } },
      /note +Running cloud +.*process 77, which is gone/,
    ],
  ])('%s', async (_name, faults, expected) => {
    const { exitCode, text } = await examine(faults);
    expect(exitCode).toBe(0);
    expect(text).toMatch(expected);
  });

  test('our own cloud on the port is fine', async () => {
    const { text } = await examine({
      canListen: async (port) => port === 0,
      cloudFile: { address: ADDRESS, alive: true },
    });
    expect(text).toMatch(/ok +Port 4510 +used by the running cloud, process 77/);
  });
});

test('a folder that was asked for is what is looked at, and is not made', async () => {
  const asked = { isDataGiven: true, paths: { ...HEALTHY.paths, data: '/other/store' } };
  expect((await examine(asked)).text).toMatch(
    /Write permission +\/other\/store, [^]*Disk space +10\.0 GB at \/other\/store/,
  );
  const tried: string[] = [];
  const writableFault = (path: string) => void tried.push(path);
  await examine({ ...asked, kindOf: () => undefined, writableFault });
  expect(tried).not.toContain('/other/store');
});

test('JSON says the same', async () => {
  const { text } = await examine({ enginePath: undefined }, true);
  const { ok, checks } = JSON.parse(text);
  expect(ok).toBe(false);
  expect(checks).toContainEqual(
    expect.objectContaining({ name: 'DynamoDB engine', state: 'fail', fix: expect.stringContaining('npm ci') }),
  );
});

test('the store is looked at where it is', async () => {
  expect((await examine({})).text).toMatch(/ok +Store +sound, 11\.8 MB at \/project\/\.turing\/data/);
  expect((await examine({ examineStore: async () => undefined })).text).toMatch(/ok +Store +none yet at/);
  expect(await examine({ kindOf: () => undefined })).toMatchObject({
    exitCode: 0,
    text: expect.stringMatching(/ok +Store +none yet at/),
  });
});

test('this machine can be examined', async () => {
  const machine = thisMachine({});
  expect(machine.enginePath === undefined || (await machine.run(machine.enginePath, ['--version'])).length > 0).toBe(
    true,
  );
  expect(machine.freeBytes(machine.paths.temporary)).toBeGreaterThan(0);
  expect(machine.freeBytes(`${machine.paths.temporary}/not/there`)).toBeGreaterThan(0);
  expect(machine.writableFault(`${import.meta.filename}/below`)).toBe('ENOTDIR');
  expect(await machine.canListen(0)).toBe(true);
  expect(machine.templateCached()).toBeTypeOf('boolean');
  expect(await machine.examineStore(`${import.meta.filename}/below`)).toBeUndefined();
});
