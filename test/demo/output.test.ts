import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PATHS } from '../../src/cli/project-paths.ts';

/** A shell's pipe holds 64 KB; what a parent in Node reads by itself would not show what is lost. */
function shell(pipeline: string): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NODE: process.execPath, TURING: join(PATHS.root, 'bin/turing.ts') };
  const options = { env, encoding: 'utf8', maxBuffer: 1024 * 1024 } as const;
  return spawnSync('bash', ['-o', 'pipefail', '-c', pipeline], options);
}

test('a slow reader at the end of a pipe gets everything', () => {
  const committed = readFileSync(join(PATHS.root, 'openapi.json'), 'utf8');
  expect(committed.length).toBeGreaterThan(65_536);
  const { status, stdout, stderr } = shell('"$NODE" "$TURING" openapi | (sleep 1; cat)');
  expect({ status, stderr, length: stdout.length }).toEqual({ status: 0, stderr: '', length: committed.length });
  expect(stdout).toBe(committed);
});

test('a reader that goes away early ends nothing with a stack, and changes no exit code', () => {
  expect(shell('"$NODE" "$TURING" openapi | head -c 20')).toMatchObject({ status: 0, stderr: '' });
  expect(shell('"$NODE" "$TURING" openapi | (exec <&-; sleep 1)')).toMatchObject({ status: 0, stderr: '' });
  expect(shell('"$NODE" "$TURING" nonsense 2>&1 | (exec <&-; sleep 1)')).toMatchObject({ status: 2, stderr: '' });
});
