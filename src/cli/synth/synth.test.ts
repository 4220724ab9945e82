import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sourcesHash } from './sources-hash.ts';
import { synthesize } from './synthesize.ts';

/** Writes what the environment tells into the assembly, and counts its runs. */
const APP = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
const { CDK_OUTDIR, CDK_CONTEXT_JSON } = process.env;
mkdirSync(CDK_OUTDIR);
writeFileSync(CDK_OUTDIR + '/manifest.json', CDK_CONTEXT_JSON);
appendFileSync('runs', '.');
`;

let root: string;
let cacheDir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'synth-'));
  cacheDir = join(root, 'cache');
  write('bin/app.ts', APP);
  write('src/core/a.ts', 'export const a = 1;');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function synth(tenants: string[] = ['CU_A'], nowMs = 0) {
  return synthesize({ root, cacheDir, tenants, now: () => nowMs });
}

describe('sourcesHash', () => {
  test.each([
    'src/core/a.ts',
    'src/core/b.ts',
    'lambdas/x/handler.ts',
    'lib/stack.ts',
    'stepfunctions/s/s.asl.json',
    'openapi.json',
    'cdk.json',
    'package-lock.json',
    'bin/app.ts',
  ])('depends on %s', (path) => {
    const before = sourcesHash(root, {});
    write(path, 'changed');
    expect(sourcesHash(root, {})).not.toBe(before);
  });

  test.each(['src/core/a.test.ts', 'src/cli/main.ts', 'src/local/index.ts', 'README.md', 'bin/turing.ts'])(
    'does not depend on %s',
    (path) => {
      const before = sourcesHash(root, {});
      write(path, 'changed');
      expect(sourcesHash(root, {})).toBe(before);
    },
  );

  test('tells a moved line from one file to the next', () => {
    write('src/core/a.ts', 'xy');
    write('src/core/b.ts', 'z');
    const before = sourcesHash(root, {});
    write('src/core/a.ts', 'x');
    write('src/core/b.ts', 'yz');
    expect(sourcesHash(root, {})).not.toBe(before);
  });

  test('depends on the context and not on the place', () => {
    expect(sourcesHash(root, { tenants: ['CU_A'] })).not.toBe(sourcesHash(root, { tenants: ['CU_B'] }));
    const elsewhere = mkdtempSync(join(tmpdir(), 'synth-copy-'));
    for (const path of ['bin/app.ts', 'src/core/a.ts']) {
      mkdirSync(dirname(join(elsewhere, path)), { recursive: true });
      writeFileSync(join(elsewhere, path), readFileSync(join(root, path)));
    }
    expect(sourcesHash(elsewhere, {})).toBe(sourcesHash(root, {}));
    rmSync(elsewhere, { recursive: true });
  });
});

describe('synthesize', () => {
  test('runs the app once for the same sources and context', async () => {
    const first = await synth();
    const second = await synth();
    expect([first.cached, second.cached]).toEqual([false, true]);
    expect(second.assemblyDir).toBe(first.assemblyDir);
    expect(readFileSync(join(root, 'runs'), 'utf8')).toBe('.');
    expect(JSON.parse(readFileSync(join(first.assemblyDir, 'manifest.json'), 'utf8'))).toEqual({ tenants: ['CU_A'] });
  });

  test('two at once leave one whole assembly and nothing else', async () => {
    const results = await Promise.all([synth(['CU_A'], 1), synth(['CU_A'], 2)]);
    expect(new Set(results.map(({ assemblyDir }) => assemblyDir)).size).toBe(1);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });

  test('keeps the three used last, and all that a running cloud may still load functions from', async () => {
    const used = [];
    for (const [index, tenant] of ['CU_A', 'CU_B', 'CU_C', 'CU_D'].entries()) {
      const { assemblyDir } = await synth([tenant]);
      utimesSync(assemblyDir, index, index);
      used.push(assemblyDir);
    }
    const dayMs = 24 * 60 * 60_000;
    await synth(['CU_E'], 6 * dayMs);
    expect(used.map((path) => existsSync(path))).toEqual([true, true, true, true]);
    const last = (await synth(['CU_F'], 8 * dayMs)).assemblyDir;
    const left = used.map((path) => existsSync(path));
    expect([left.filter((there) => there).length, existsSync(last)]).toEqual([1, true]);
    expect(left.indexOf(true)).toBe(3);
  });

  test('an app that fails leaves nothing, and its words are shown', async () => {
    write(
      'bin/app.ts',
      "import { mkdirSync } from 'node:fs'; mkdirSync(process.env.CDK_OUTDIR); console.error('no such construct'); process.exit(3);",
    );
    await expect(synth()).rejects.toThrow(/ended with 3[^]*no such construct/);
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  test('stops with the user', async () => {
    write('bin/app.ts', 'setTimeout(() => {}, 60_000);');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await expect(synthesize({ root, cacheDir, now: () => 0, stop: controller.signal })).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});
