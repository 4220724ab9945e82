import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startTuring, turing } from './turing-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'two-clouds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  'audit, verify and rebuild-views reach the cloud that uses a folder, which need not be the first',
  {
    timeout: 120_000,
  },
  async () => {
    const stores = ['one', 'two'].map((name) => join(folder, name));
    for (const store of stores) {
      const { exitCode, stderr } = await turing(['demo', '--once', '--members', '2', '--days', '1', '--data', store]);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    }
    const clouds = stores.map((store) => startTuring(['up', '--port', '0', '--data', store]));
    try {
      for (const cloud of clouds) await cloud.says(/^Docs /m);
      for (const store of stores) {
        for (const command of ['audit', 'verify'])
          expect(await turing([command, '--data', store])).toMatchObject({
            exitCode: 0,
            stdout: expect.stringMatching(/All hold: [\d,]+ checks, no breach/) as unknown,
          });
        expect(await turing(['rebuild-views', '--data', store])).toMatchObject({
          exitCode: 0,
          stdout: expect.stringMatching(/^CU_DIGITAL +17 chains rebuilt/) as unknown,
        });
      }
    } finally {
      for (const cloud of clouds) cloud.interrupt();
    }
    for (const cloud of clouds) expect(await cloud.finished).toMatchObject({ exitCode: 0 });
  },
);
