import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createOutputCollector } from './output.ts';

it('what functions print is kept in a file that is its owner’s alone', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'turing-test-'));
  try {
    const collector = createOutputCollector({ dataDir, measured: () => undefined, log: () => undefined });
    collector.take('Writer', 'half a ');
    collector.take('Writer', 'line\n');
    await collector.stop();
    const path = join(dataDir, 'logs', 'functions.log');
    expect(readFileSync(path, 'utf8')).toBe('Writer half a line\n');
    expect([join(dataDir, 'logs'), path].map((at) => (statSync(at).mode & 0o777).toString(8))).toEqual(['700', '600']);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
