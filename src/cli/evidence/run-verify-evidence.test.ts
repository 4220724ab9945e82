import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePrivateKey } from '../../proof/keys.ts';
import { digestedBank, exportBank } from '../../proof/testing/bank-export.ts';
import { signedProof } from '../../proof/testing/signed-proof.ts';
import { main } from '../main.ts';
import { createTerminal } from '../terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'verify-evidence-'));
const [proofFile, pipe, privateFile] = ['proof.json', 'pipe', 'private.pem'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const KEPT = `9:${'ab'.repeat(32)}`;

beforeAll(async () => {
  const opened = { type: 'AccountOpened', occurredAt: '2025-01-01T00:00:00.000Z', payload: { currency: 'AUD' } };
  writeFileSync(proofFile, JSON.stringify(await signedProof([opened])));
  writeFileSync(privateFile, makePrivateKey());
  execFileSync('mkfifo', [pipe]);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function verify(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  const terminal = createTerminal({
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
    env: {},
  });
  const exitCode = await main(['verify', ...args], {
    terminal,
    env: {},
    now: () => 0,
    stop: new AbortController().signal,
  });
  return { exitCode, ...said };
}

test('a pipe is refused at once, whatever it is given as', async () => {
  expect(await verify(pipe)).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `error  Cannot read "${pipe}": it is no regular file\n`,
  });
  const asKey = await verify(proofFile, '--key', pipe);
  expect(asKey).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('it is no regular file') });
  const asKept = await verify(proofFile, '--kept', pipe);
  expect(asKept).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('it is no regular file') });
});

test('a private key is no public key', async () => {
  expect(await verify(proofFile, '--key', privateFile)).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `error  Cannot use "${privateFile}": it is no public key on P-256 in PEM\n`,
  });
});

test('a digest that was kept and is not in the proof is told, in JSON too', async () => {
  const text = await verify(proofFile, '--kept', KEPT);
  expect(text).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^Not compared: .* not rest on digest 9$/m),
  });
  const { exitCode, stdout } = await verify(proofFile, '--kept', KEPT, '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ digests: [1], kept: [], notCompared: [9] });
  expect(JSON.parse((await verify(proofFile, '--json')).stdout)).toMatchObject({ notCompared: [] });
});

test('what keeps an export from being verified is told in the words of the other verifier', async () => {
  const exported = await exportBank(await digestedBank({ digests: 1 }));
  const told = async (why: string) =>
    expect(await verify(exported)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error  Cannot verify ${exported}: ${why}\n`,
    });
  expect(await verify(exported)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('The key came along') });
  writeFileSync(join(exported, 'public-key.pem'), 'x');
  await told('there is no public key: none was given, and its public-key.pem is none');
  writeFileSync(join(exported, 'manifest.json'), '{}');
  await told('its manifest.json is none of an export');
  rmSync(join(exported, 'manifest.json'));
  mkdirSync(join(exported, 'manifest.json'));
  await told('it has no manifest.json');
  rmSync(exported, { recursive: true });
});
