import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATHS } from '../../src/cli/project-paths.ts';
import { synthesize } from '../../src/cli/synth/synthesize.ts';
import { createKeySigner, makePrivateKey } from '../../src/proof/keys.ts';
import { startCloud, type Cloud } from '../../src/local/index.ts';
import { createLedgerClient } from '../../src/sdk/client.ts';
import { submit } from '../api/support/submit.ts';
import { canMount, inMount } from '../faults/support/mounts.ts';
import { makeDigest } from '../support/digests.ts';
import { ACTOR, move } from '../support/ledger.ts';
import { turing } from './turing-process.ts';

const LIMIT_MS = 120_000;
const tenantId = 'CU_DIGITAL';
const tools = ['python3', 'openssl'].every((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0);
const folder = mkdtempSync(join(tmpdir(), 'evidence-test-'));
const [store, exported, proofFile] = [join(folder, 'store'), join(folder, 'export'), join(folder, 'proof.json')];
const keyFile = join(folder, 'known.pem');

let accountId: string;
let lastDigest: string;

beforeAll(async () => {
  const demo = await turing(['demo', '--once', '--members', '12', '--days', '2', '--data', store, '--json', '-']);
  if (demo.exitCode !== 0) throw new Error(demo.stderr);
  // Its own digest was made at its end. Another one, of what comes after.
  await onStore(async (cloud) => {
    const ledger = await ledgerOf(cloud);
    const { data } = await ledger.GET('/tenants/{tenantId}/accounts', { params: { path: { tenantId } } });
    accountId = data?.accounts.find(({ balance }) => balance > 10)?.accountId ?? '';
    await submit(ledger, move(accountId, 'GL_CASH', 5, { id: 'after the demo', tenantId }));
    await makeDigest(cloud, tenantId);
    await submit(ledger, move(accountId, 'GL_CASH', 1, { id: 'after the digest', tenantId }));
  });
}, LIMIT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function onStore(work: (cloud: Cloud) => Promise<void>): Promise<void> {
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now: Date.now });
  const cloud = await startCloud({ assemblyDir, dataDir: store });
  try {
    await work(cloud);
  } finally {
    await cloud.stop();
  }
}

async function ledgerOf(cloud: Cloud) {
  const rights = ['queries', 'commands:PostEntry'];
  const token = await cloud.issueToken({ subject: ACTOR, tenants: [tenantId], rights });
  return createLedgerClient({ baseUrl: `${cloud.apiUrl}/v1`, token: async () => token });
}

const python = (args: string[]) =>
  spawnSync('python3', [join(exported, 'verify.py'), ...args], { encoding: 'utf8', cwd: folder });
/** SHA-256 over the names and bytes of a folder. */
function contentOf(path: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted())
    hash.update(`${name}\n`).update(statSync(join(path, name)).isFile() ? readFileSync(join(path, name)) : '');
  return hash.digest('hex');
}

test('a store is exported with a digest of all that is there', { timeout: LIMIT_MS }, async () => {
  const flags = ['--tenant', tenantId, '--out', exported, '--data', store];
  const { exitCode, stdout, stderr } = await turing(['export', ...flags, '--json']);
  expect({ exitCode, stderr: stderr.replace(/^Exported.*\n/, '') }).toEqual({ exitCode: 0, stderr: '' });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    folder: exported,
    tenant: tenantId,
    chains: 17,
    eventsSinceLastDigest: 0,
    notSigned: [],
    chainFaults: [],
    digestFaults: [],
  });
  expect(result.digests).toBeGreaterThanOrEqual(3);
  lastDigest = `${result.latest.number}:${result.latest.sha256}`;
  cpSync(join(exported, 'public-key.pem'), keyFile);

  const verified = await turing(['verify', exported, '--key', keyFile, '--kept', lastDigest]);
  expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
  expect(verified.stdout).toContain(`last digest: ${lastDigest} of `);
  expect(verified.stdout).toContain(`\ndigest ${lastDigest.split(':')[0]} is the one that was kept\n`);
  const upper = await turing(['verify', exported, '--key', keyFile, '--kept', lastDigest.toUpperCase()]);
  expect(upper).toMatchObject({ exitCode: 0, stderr: '' });
  const again = await turing(['export', ...flags]);
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('a folder that is new or empty') });
});

test('a tenant that is not there is named once, and leaves no folder', { timeout: LIMIT_MS }, async () => {
  const out = join(folder, 'of-nobody');
  const { exitCode, stderr } = await turing(['export', '--tenant', 'CU_NONE', '--out', out, '--data', store]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: 'error  There is no tenant CU_NONE here\n       turing audit names those that there are.\n',
  });
  expect(existsSync(out)).toBe(false);
});

test.runIf(canMount())(
  'a disk that is full is told in two lines, and nothing is left on it',
  { timeout: LIMIT_MS },
  () => {
    const disk = mkdtempSync(join(folder, 'disk-'));
    const [command = '', ...prefix] = inMount(`mount -t tmpfs -o size=128k none "${disk}" && trap 'ls "${disk}"' EXIT`);
    const args = [join(PATHS.root, 'bin/turing.ts'), 'export', '--tenant', tenantId, '--data', store];
    const out = join(disk, 'export');
    // Not in the place of the shell, which then lists what is left.
    const line = prefix.map((each) => each.replace('&& exec "$@"', '; "$@"'));
    const { status, stdout, stderr } = spawnSync(command, [...line, process.execPath, ...args, '--out', out], {
      encoding: 'utf8',
    });
    const fix = 'Free space on it, or choose another place.';
    expect(stderr).toBe(`error  Cannot write "${out}": its disk is full\n       ${fix}\n`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  },
);

test.runIf(tools)('the verifier in it says the same in Python', () => {
  for (const args of [[], [exported, keyFile], [exported, keyFile, lastDigest]]) {
    const { status, stdout, stderr } = python(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`last digest: ${lastDigest} of `);
    expect(stdout).toContain('no fault was found');
  }
});

test('each damage to a copy is caught by both verifiers', { timeout: LIMIT_MS }, async () => {
  const before = contentOf(exported);
  const { exitCode, stdout } = await turing(['tamper', '--export', exported, '--json']);
  expect(exitCode).toBe(0);
  const trials: { name: string; needs: string; skipped?: string; turing: string[]; python: string[] | null }[] =
    JSON.parse(stdout);
  expect(trials.length).toBeGreaterThan(10);
  for (const { name, needs, skipped, turing: ours, python: others } of trials) {
    expect({ name, skipped, needs }).toEqual({
      name,
      skipped: undefined,
      needs: name === 'forge' ? 'the key' : name === 'cut-digest' ? 'the last digest' : 'the copy alone',
    });
    expect(ours[0]).toMatch(
      /^CU_\w+ (?:chain (?:\d\d|catalog) (?:seq \d+|between seq \d+ and \d+)|digests? \d+(?: to \d+)?): \w/,
    );
    expect(others).toEqual(tools ? ours : null);
  }
  expect(contentOf(exported)).toBe(before);

  const text = await turing(['tamper', '--export', exported]);
  expect(text).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`All ${trials.length} kinds of damage were caught`),
  });
  // The first digest covers the whole demo: what only a hash shows is known no closer, and that is explained.
  expect(text.stdout).toMatch(
    /^byte .* between seq 1 and \d+: [^]*^"between seq 1 and 60": the lines there still follow/m,
  );
});

test('a changed byte is a fault: exit code 5; nothing is shown on such an export', { timeout: LIMIT_MS }, async () => {
  const copy = join(folder, 'changed');
  cpSync(exported, copy, { recursive: true });
  const file = join(copy, 'chains', `${accountId.slice(4, 6)}.ndjson`);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"deltaMinor":', '"deltaMinor":1'));
  const verified = await turing(['verify', copy, '--json']);
  expect(verified.exitCode).toBe(5);
  expect(JSON.parse(verified.stdout)).toMatchObject({
    trusted: false,
    chainFaults: [
      { tenant: tenantId, chain: accountId.slice(4, 6), reason: expect.stringContaining('do not give the hash') },
    ],
    digestFaults: [],
  });
  expect(await turing(['tamper', '--export', copy])).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('The export has a fault before it is tampered with'),
  });
  writeFileSync(join(copy, 'verify.py'), 'print("no fault was found")');
  expect((await turing(['verify', copy])).stderr).toContain('verify.py in this folder is not ours');
});

test('a proof of one account is verified alone', { timeout: LIMIT_MS }, async () => {
  const flags = ['--account', accountId, '--at', '2025-12-31', '--data', store];
  const made = await turing(['proof', ...flags, '--out', proofFile]);
  expect(made).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining('no fault was found') });
  const verified = await turing(['verify', proofFile, '--key', keyFile]);
  expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
  expect(verified.stdout).toMatch(
    new RegExp(`^${tenantId} account ${accountId}: A\\$[\\d,.]+ at the end of 2025-12-31\n`),
  );
  expect(verified.stdout).toMatch(
    /^the last event is of 2025-01-0\d: the balance holds as far as was known at 20.*Z$/m,
  );
  expect(verified.stdout).toContain(
    'not shown by this alone: that no event of the account was left out, the newest or some that add up to zero;' +
      ' an export of its chain shows that\n',
  );

  expect(JSON.parse((await turing(['verify', proofFile, '--json'])).stdout)).toMatchObject({
    firstDay: '2025-01-01',
    lastEventDay: expect.stringMatching(/^20/),
    lastDay: expect.stringMatching(/^20/),
  });
  const otherKey = join(folder, 'other.pem');
  writeFileSync(otherKey, await createKeySigner(makePrivateKey()).publicKeyPem());
  expect(await turing(['verify', proofFile, '--key', otherKey])).toMatchObject({
    exitCode: 5,
    stdout: expect.stringMatching(
      /^FAULT CU_DIGITAL account acc_\w+: The signature of digest 1 is not by key \w{16}\n$/,
    ),
  });
  const never = join(folder, 'never.json');
  for (const [day, reason] of [
    ['2999-12-31', 'the last possible day is 20'],
    ['2024-12-31', 'The account was opened on 2025-01-01'],
  ] as const) {
    const refused = await turing(['proof', '--account', accountId, '--at', day, '--data', store, '--out', never]);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(reason) });
    expect(existsSync(never)).toBe(false);
  }

  writeFileSync(proofFile, readFileSync(proofFile, 'utf8').replace(/\\"balanceMinor\\":/, '\\"balanceMinor\\":1'));
  expect(await turing(['verify', proofFile, '--key', keyFile])).toMatchObject({
    exitCode: 5,
    stdout: expect.stringMatching(/^FAULT CU_DIGITAL account acc_\S+ chain \d\d seq \d+: \w/),
  });
});

test('an export that is killed is a sound one or none', { timeout: LIMIT_MS }, async () => {
  await onStore(async (cloud) => {
    const rights = ['queries', 'compliance'];
    const token = await cloud.issueToken({ subject: ACTOR, tenants: [tenantId], rights });
    for (const [index, patienceMs] of [0, 10, 40, 100].entries()) {
      const out = join(folder, `killed-${index}`);
      const isPartial = (name: string) => name.startsWith(`killed-${index}.partial-`);
      const args = ['export', '--tenant', tenantId, '--out', out, '--api', cloud.apiUrl];
      const child = spawn(process.execPath, [join(PATHS.root, 'bin/turing.ts'), ...args], {
        env: { ...process.env, TURING_TOKEN: token },
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      while (child.exitCode === null && !readdirSync(folder).some(isPartial)) await wait(1);
      await wait(patienceMs);
      child.kill('SIGKILL');
      await ended;
      for (const name of readdirSync(folder).filter(isPartial)) {
        const { exitCode } = await turing(['verify', join(folder, name)]);
        // Whole but for its name, or no export at all.
        expect(existsSync(join(folder, name, 'manifest.json')) ? 0 : 1).toBe(exitCode);
      }
      // Not even an empty folder, before it is whole.
      if (existsSync(out)) expect(await turing(['verify', out, '--key', keyFile])).toMatchObject({ exitCode: 0 });
    }
  });
});
