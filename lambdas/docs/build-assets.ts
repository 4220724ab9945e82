import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { ASSETS, type AssetName, RUNBOOK } from './asset-names.ts';
import { runbookPage } from './runbook-page.ts';

const ROOT = join(import.meta.dirname, '../..');
const CACHE_DIR = join(ROOT, 'node_modules/.cache/turingcore/docs');
/** 876 KB for the reference script in 0.4 s; quality 11 would save 80 KB more and take 6 s. */
const BROTLI_QUALITY = 9;

const SOURCES: Record<AssetName, string> = {
  'openapi.json': join(ROOT, 'openapi.json'),
  'index.html': join(import.meta.dirname, 'page/index.html'),
  'start.js': join(import.meta.dirname, 'page/start.js'),
  'icon.svg': join(import.meta.dirname, 'page/icon.svg'),
  'reference.js': join(ROOT, 'node_modules/@scalar/api-reference/dist/browser/standalone.js'),
  'runbook.html': join(ROOT, 'docs/operating/runbook.md'),
};

/**
 * Writes the files that the function serves, compressed, as `<name>.br`. The same sources give the same bytes.
 * @param targetDir made when missing: the folder `assets` beside the function's bundle
 */
export function buildDocsAssets(targetDir: string): void {
  mkdirSync(targetDir, { recursive: true });
  for (const { name } of ASSETS) {
    const source = readFileSync(SOURCES[name]);
    const content = name === RUNBOOK ? Buffer.from(runbookPage(source.toString())) : source;
    writeFileSync(join(targetDir, `${name}.br`), compressed(content));
  }
}

/** Compression is most of the work, and the big file changes only with its package. */
function compressed(content: Buffer): Buffer {
  const path = join(CACHE_DIR, `${createHash('sha256').update(content).digest('hex')}.q${BROTLI_QUALITY}.br`);
  if (existsSync(path)) return readFileSync(path);
  const result = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, result);
  renameSync(`${path}.${process.pid}`, path);
  return result;
}
