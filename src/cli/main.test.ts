import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from './main.ts';
import { createTerminal } from './terminal.ts';

async function run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const terminal = createTerminal({
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
  });
  const exitCode = await main(args, { terminal, env: {}, now: () => 0, stop: new AbortController().signal });
  return { exitCode, stdout, stderr };
}

const NAMES = ['demo', 'up', 'token', 'verify', 'export', 'proof', 'tamper', 'doctor', 'openapi'];

describe('help', () => {
  test('of turing names every command', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).toBe(0);
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  test('goes to stderr with exit code 2 when no command is given', async () => {
    expect(await run()).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('USAGE') });
  });

  test.each(NAMES)('of %s has flags and examples', async (name) => {
    const { exitCode, stdout } = await run(name, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`USAGE turing ${name}`);
    expect(stdout).toContain(`EXAMPLES\n\n  turing ${name}`);
  });
});

describe('bad usage ends with exit code 2 and says what is wrong', () => {
  test.each([
    [['dmeo'], 'Unknown command "dmeo"'],
    [['constructor'], 'Unknown command "constructor"'],
    [['demo', '--membrs', '5'], 'Unknown flag "--membrs"\n       Did you mean --members?'],
    [['demo', '-x'], 'Unknown flag "-x"'],
    [['demo', '--members'], 'Give --members a value'],
    [['demo', '--members='], 'Give --members a value: it is empty'],
    [['demo', '--members', '5', '--members', '6'], 'Give --members only once'],
    [['demo', '--members', '5x'], 'Give --members a whole number from 1 to 75000: it is "5x"'],
    [['demo', '--members', '1e3'], 'it is "1e3"'],
    [['demo', '--members', '2.5'], 'it is "2.5"'],
    [['demo', '--members', '0'], 'it is "0"'],
    [['demo', '--members', '75001'], 'it is "75001"'],
    [['demo', '--days', '0'], 'Give --days a whole number from 1 to'],
    [['demo', '--workers', '17'], 'Give --workers a whole number from 1 to 16'],
    [['demo', '--start', '2025-02-30'], 'Give --start a date such as 2025-01-02: it is "2025-02-30"'],
    [['demo', '--start', 'today'], 'Give --start a date'],
    [['demo', '--start', '1969-12-31'], 'Give --start a date from 1970-01-01 to 2900-12-31: it is "1969-12-31"'],
    [['demo', '--start', '2999-01-01'], 'Give --start a date from 1970-01-01 to 2900-12-31'],
    [['demo', '--members', '-3'], 'Give --members a whole number from 1 to 75000: it is "-3"'],
    [['demo', '--seed', '--once'], 'Give --seed a value: "--once" is a flag'],
    [['demo', '--json', '/tmp'], 'Give --json a file: "/tmp" is a folder'],
    [['demo', '--json', '/proc/x/report.json'], 'Give --json a file that can be written: "/proc/x/report.json" cannot'],
    [['demo', '--json', 'README.md/report.json'], 'Give --json a file that can be written'],
    [['demo', '--data', 'README.md'], 'Give --data a folder: "README.md" is a file'],
    [['demo', '--data', 'README.md/store'], 'Give --data a folder that can be written'],
    [['demo', '--data', '/proc/x'], 'Give --data a folder that can be written: "/proc/x" cannot'],
    [['up', '--data', '/proc/x/y'], 'Give --data a folder that can be written: "/proc/x/y" cannot'],
    [['up', '--data', '/proc'], 'Give --data a folder that can be written: "/proc" cannot'],
    [['up', '--data', 'README.md'], 'Give --data a folder: "README.md" is a file'],
    [['verify', '--data', 'README.md'], 'Give --data a folder: "README.md" is a file'],
    [['demo', '--seed', '../x'], 'Give --seed up to 40 letters'],
    [['demo', '--tenant', 'cu digital'], 'Give --tenant a tenant code such as CU_DIGITAL'],
    [['demo', 'extra'], 'Unknown argument "extra"'],
    [['up', '--port', '70000'], 'Give --port a whole number from 0 to 65535'],
    [['token'], 'Give --tenant the tenant that the token is for'],
    [['token', '--tenant', 'CU_A', '--ttl', '5 minutes'], 'Give --ttl a span such as 90s'],
    [['token', '--tenant', 'CU_A', '--ttl', '400d'], 'at most 365 days'],
    [['token', '--tenant', 'CU_A', '--rights', 'queries,everything'], 'Unknown right "everything"'],
    [['verify', '--data', '/nowhere/at/all'], 'there is no "/nowhere/at/all"'],
    [['verify', '--json=no'], '--json'],
    [['verify', 'a', 'b'], 'Unknown argument "b"'],
    [['verify', ''], 'Give an argument that is not empty'],
    [['verify', 'a', '--tenant', 'CU_A'], 'Give a path, or --tenant and --data, not both'],
    [['verify', '--key', 'a.pem'], 'Give --key and --kept along with a path'],
    [['export', '--out', '/tmp/x'], 'Give --tenant the tenant whose history is exported'],
    [['export', '--tenant', 'CU_A'], 'Give --out a folder for the export'],
    [['export', '--tenant', 'CU_A', '--out', 'README.md'], 'Give --out a folder: "README.md" is a file'],
    [
      ['export', '--tenant', 'CU_A', '--out', 'src'],
      'Give --out a folder that is new or empty: there are files in "src"',
    ],
    [['export', '--tenant', 'CU_A', '--out', '/tmp/x', '--token', 'x'], 'Give --token only along with --api'],
    [['export', '--tenant', 'CU_A', '--out', '/tmp/x', '--api', 'x', '--data', 'y'], 'Give --api or --data, not both'],
    [
      ['export', '--tenant', 'CU_A', '--out', '/tmp/never', '--api', 'http://x'],
      'or the variable TURING_TOKEN, a token',
    ],
    [
      ['export', '--tenant', 'CU_A', '--out', '/tmp/never', '--api', 'x', '--token', 'y'],
      'Give --api an address such as',
    ],
    [['export', '--tenant', 'CU_A', '--out', '/tmp/never', '--data', '/nowhere'], 'there is no "/nowhere"'],
    [['proof', '--at', '2025-01-01'], "Give --account a member's account"],
    [['proof', '--account', 'GL_CASH', '--at', '2025-01-01'], 'it is "GL_CASH"'],
    [['proof', '--account', 'acc_00_a'], 'Give --at a day'],
    [['proof', '--account', 'acc_00_a', '--at', '2025-02-30'], 'Give --at a date'],
    [['tamper'], 'Give --export the folder of an export'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('at '.repeat(2));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });
});

test('openapi prints the committed description', async () => {
  const { exitCode, stdout } = await run('openapi');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ openapi: '3.0.3', info: { version: '1.0.0' } });
});

test('an export that does not begin leaves no folder', () => {
  expect(existsSync('/tmp/never')).toBe(false);
});

describe('a folder without a store is no store: exit code 1, and nothing is written', () => {
  const work = mkdtempSync(join(tmpdir(), 'no-store-'));
  const [empty, out] = [join(work, 'empty'), join(work, 'out')];
  mkdirSync(empty);
  afterAll(() => rmSync(work, { recursive: true }));
  test.each([
    [['audit', '--data', empty]],
    [['verify', '--data', empty]],
    [['rebuild-views', '--data', empty]],
    [['export', '--tenant', 'CU_A', '--out', out, '--data', empty]],
    [['proof', '--account', 'acc_00_a', '--at', '2025-01-01', '--data', empty]],
  ])('%j', async (args) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toContain(`There is no store in "${empty}"`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(readdirSync(work, { recursive: true })).toEqual(['empty']);
  });
});

describe('what cannot be read ends with exit code 1 and says why', () => {
  test.each([
    [['verify', '/nowhere'], 'Cannot read "/nowhere": there is no such file or folder'],
    [['verify', 'src'], 'Cannot verify src: it has no manifest.json'],
    [['verify', 'README.md'], 'Cannot verify "README.md": expected the folder of an export, or an account’s proof'],
    [['verify', 'package.json'], 'Cannot verify "package.json": it is no proof of an account'],
    [['verify', 'src', '--key', '/nowhere'], 'Cannot read "/nowhere"'],
    [['verify', 'src', '--key', 'README.md'], 'Cannot use "README.md": it is no public key on P-256 in PEM'],
    [['verify', 'src', '--kept', 'README.md'], 'Cannot use "README.md": it holds no digest'],
    [
      ['verify', 'src', '--kept', '1:abc'],
      'Cannot use "1:abc": it is no digest, and there is no such file\n       Give --kept a digest\'s number, a colon and 64 hex digits',
    ],
    [['tamper', '--export', 'README.md'], 'Cannot use "README.md": it is a file, and not the folder of an export'],
    [['tamper', '--export', '/nowhere'], 'Cannot read "/nowhere": there is no such file or folder'],
    [['tamper', '--export', 'src'], 'Cannot verify src: it has no manifest.json'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });
});
