import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from './write-whole.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-whole-'));
  path = join(folder, 'proof.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const MODULE = new URL('write-whole.ts', import.meta.url).href;
const LIMIT_BLOCKS = 8;
const TOO_LONG = 100_000;

/** Writes where a file may have 8 blocks and no more, as on a disk that gets full. */
function writeTooMuch() {
  const script = `const { writeWhole } = await import(${JSON.stringify(MODULE)});
    await writeWhole(process.argv[1], 'x'.repeat(${TOO_LONG}))`;
  const command = `ulimit -f ${LIMIT_BLOCKS}; exec "$@"`;
  const args = [process.execPath, '--input-type=module', '-e', script, path];
  return spawnSync('sh', ['-c', command, 'sh', ...args], { encoding: 'utf8' });
}

test('a file that cannot be written whole is not there', () => {
  const { status, stderr } = writeTooMuch();
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('EFBIG') });
  expect(readdirSync(folder)).toEqual([]);
});

test('one that was there before stays as it was where it cannot be written anew', () => {
  writeFileSync(path, 'a good one');
  expect(writeTooMuch()).toMatchObject({ status: 1 });
  expect(readFileSync(path, 'utf8')).toBe('a good one');
  expect(readdirSync(folder)).toEqual(['proof.json']);
});

test('one that was there before is replaced, and keeps who may read it', async () => {
  await writeWhole(path, 'first');
  chmodSync(path, 0o600);
  await writeWhole(path, 'second');
  expect(readFileSync(path, 'utf8')).toBe('second');
  expect(statSync(path).mode % 0o1000).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['proof.json']);
});

test('where a link stands, the file is written that it leads to; a device stays one', async () => {
  const link = join(folder, 'link.json');
  await writeWhole(path, 'first');
  symlinkSync(path, link);
  await writeWhole(link, 'second');
  expect(readFileSync(path, 'utf8')).toBe('second');
  await writeWhole('/dev/null', 'nowhere');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});
