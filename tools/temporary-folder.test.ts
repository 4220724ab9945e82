import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import setup from '../test/support/temporary-folder.ts';

it('gives tests a folder for temporary files that goes with all in it, and removes those of runs that died', () => {
  // Set for all workers before they start.
  expect(tmpdir()).toMatch(/turing-tests-\d+$/);
  expect(setup()).toBeUndefined();

  const before = process.env['TMPDIR'];
  const root = mkdtempSync(join(tmpdir(), 'root-'));
  const { pid: dead } = spawnSync('true');
  for (const name of [`turing-tests-${dead}`, 'turing-tests-1', 'others']) mkdirSync(join(root, name));
  try {
    process.env['TMPDIR'] = root;
    const remove = setup();
    expect(tmpdir()).toBe(join(root, `turing-tests-${process.pid}`));
    writeFileSync(join(tmpdir(), 'left-behind'), '');
    expect(readdirSync(root).sort()).toEqual(['others', 'turing-tests-1', `turing-tests-${process.pid}`].sort());
    remove?.();
    expect(tmpdir()).toBe(root);
    expect(readdirSync(root).sort()).toEqual(['others', 'turing-tests-1']);
  } finally {
    process.env['TMPDIR'] = before;
  }
});
