import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from './commands/index.ts';
import { PATHS } from './project-paths.ts';

const pages = [
  'README.md',
  ...readdirSync(join(PATHS.root, 'docs'), { recursive: true, encoding: 'utf8' }).map(inDocs),
].filter((name) => name.endsWith('.md'));
const textOf = (page: string) => readFileSync(join(PATHS.root, page), 'utf8');

test('pages call the command line in one form, with commands that there are', () => {
  for (const page of pages) {
    const text = textOf(page);
    expect({ page, others: text.match(/npm run (?:--silent )?turing\b.*/g) }).toEqual({ page, others: null });
    for (const [, command = ''] of text.matchAll(/npx turing ([a-z][a-z-]*)/g))
      expect(COMMANDS).toHaveProperty(command);
  }
  expect(textOf('README.md')).toContain('npx turing export');
});

test('the first page’s table has every command', () => {
  const rows =
    textOf('docs/start/README.md')
      .match(/^\| `.*$/gm)
      ?.join('\n') ?? '';
  for (const command of Object.keys(COMMANDS)) expect(rows).toMatch(new RegExp(`(npx turing|npm run) ${command}\\b`));
});

test('that form works in the project’s folder, without a network', () => {
  const env = { ...process.env, npm_config_offline: 'true' };
  const { status, stdout } = spawnSync('npx', ['turing', '--help'], { cwd: PATHS.root, env, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('USAGE turing <command> [flags]') });
});

function inDocs(name: string): string {
  return join('docs', name);
}
