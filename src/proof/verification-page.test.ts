import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestFile } from './export-format.ts';
import { parseStatement } from './statement.ts';
import { digestedBank, type DigestedBank, exportBank } from './testing/bank-export.ts';

/** What the page tells readers to do has to work as it stands there. */
const page = readFileSync(new URL('../../docs/concepts/verification.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map((match) => match[1] ?? '');

let bank: DigestedBank;
let folder: string;
beforeAll(async () => {
  bank = await digestedBank({ digests: 2 });
  folder = await exportBank(bank);
});
afterAll(() => rm(folder, { recursive: true }));

const sh = (command: string) => execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
const command = (beginning: string) => {
  const line = blocks('sh')
    .flatMap((block) => block.split('\n'))
    .find((each) => each.startsWith(beginning));
  if (line === undefined) throw new Error(`The page has no command "${beginning}"`);
  return line
    .replaceAll('00000012', '00000002')
    .replaceAll('00000011', '00000001')
    .replace(/ {2,}#.*/, '');
};

describe('the page about verification', () => {
  it('shows a statement’s form', () => {
    const [statement = ''] = blocks('json');
    expect(parseStatement(statement.trim().replaceAll('<64 hex digits>', 'ab'.repeat(32)))).toMatchObject({
      number: 12,
    });
  });

  const [python, openssl] = [
    ['python3', '--version'],
    ['openssl', 'version'],
  ].map(([name = '', argument = '']) => spawnSync(name, [argument]).status === 0);

  it.runIf(openssl)('tells how to check a signature, a link and a key by hand', () => {
    expect(sh(command('openssl dgst'))).toBe('Verified OK\n');
    const { previous } = parseStatement(bank.digests[1]!.statement)!;
    expect(sh(command('sha256sum'))).toContain(`${previous} `);
    expect(sh(command('openssl pkey'))).toBe(`${bank.digests[0]!.key}\n`);
  });

  it.runIf(python)('tells how to compute a root by hand', () => {
    const [program = ''] = blocks('python');
    for (const digest of bank.digests)
      for (const [part, root] of [['heads', 'heads'] as const, ['periods', 'events'] as const]) {
        const input = readFileSync(join(folder, digestFile(digest.number, part)));
        const printed = execFileSync('python3', ['-c', program], { input, encoding: 'utf8' });
        expect(printed.trim()).toBe(parseStatement(digest.statement)![root]);
      }
  });
});
