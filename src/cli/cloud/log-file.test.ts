import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLogFile } from './log-file.ts';

it('is its owner’s alone: functions may print what they work on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'turing-test-'));
  try {
    const path = join(folder, 'logs', 'cloud.log');
    const file = openLogFile(path);
    file.write('a line');
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('a line\n');
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
