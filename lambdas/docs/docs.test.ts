import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsRoutes } from '../../src/contract/routes.ts';
import { buildDocsAssets } from './build-assets.ts';
import { chooseEncoding } from './encoding.ts';
import type { handler as Handler } from './handler.ts';

/** As in the deployment: one bundled file, and the folder `assets` beside it. */
const folder = mkdtempSync(join(tmpdir(), 'docs-function-'));
let handler: typeof Handler;

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  buildDocsAssets(join(folder, 'assets'));
  const outfile = join(folder, 'index.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'handler.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const bundled: { handler: typeof Handler } = await import(outfile);
  ({ handler } = bundled);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function get(path: string, headers: Record<string, string> = {}): ReturnType<typeof handler> {
  const file = /^\/docs\/(.+)$/.exec(path)?.[1];
  return handler({ rawPath: path, headers, ...(file !== undefined && { pathParameters: { file } }) });
}

test('serves the committed description, for every Accept-Encoding', async () => {
  const committed = readFileSync('openapi.json', 'utf8');
  const br = await get('/openapi.json', { 'accept-encoding': 'gzip, deflate, br' });
  const gzip = await get('/openapi.json', { 'accept-encoding': 'gzip' });
  const plain = await get('/openapi.json');
  expect([
    br.headers?.['content-encoding'],
    gzip.headers?.['content-encoding'],
    plain.headers?.['content-encoding'],
  ]).toEqual(['br', 'gzip', undefined]);
  expect(brotliDecompressSync(Buffer.from(br.body ?? '', 'base64')).toString()).toBe(committed);
  expect(gunzipSync(Buffer.from(gzip.body ?? '', 'base64')).toString()).toBe(committed);
  expect(Buffer.from(plain.body ?? '', 'base64').toString()).toBe(committed);
});

test('answers 304 to the ETag of the same encoding only', async () => {
  const first = await get('/docs/reference.js', { 'accept-encoding': 'br' });
  const etag = String(first.headers?.['etag']);
  expect(await get('/docs/reference.js', { 'accept-encoding': 'br', 'if-none-match': etag })).toMatchObject({
    statusCode: 304,
  });
  expect(await get('/docs/reference.js', { 'accept-encoding': 'gzip', 'if-none-match': etag })).toMatchObject({
    statusCode: 200,
  });
});

test.each(['/docs/other.js', '/docs/..%2Fhandler.ts', '/docs/constructor', '/docs/reference.js.br'])(
  'has no %s',
  async (path) => {
    const answer = await get(path);
    expect(answer.statusCode).toBe(404);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ error: 'NotFound' });
  },
);

test('every file that the page names is served, and every address is on this host', async () => {
  const answer = await get('/docs');
  const page = Buffer.from(answer.body ?? '', 'base64').toString();
  const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(links).toHaveLength(4);
  for (const link of links) expect(await get(`/${link}`)).toMatchObject({ statusCode: 200 });
  expect(answer.headers?.['content-security-policy']).toMatch(/default-src 'none'.*connect-src 'self'/);
});

test('the runbook is served as it is written, with an anchor at each section', async () => {
  const answer = await get('/docs/runbook.html');
  expect(answer.headers?.['content-type']).toBe('text/html; charset=utf-8');
  const page = Buffer.from(answer.body ?? '', 'base64').toString();
  expect(page).toContain('<b id="digests-are-not-made">### Digests are not made</b>');
  expect(page).toContain('<b id="the-api-answers-5xx">');
  expect(page).toContain('--function-name &lt;DigestFunctionName&gt;');
  expect(page).not.toContain('<DigestFunctionName>');
});

test('the runbook’s links lead to its own sections; of pages that are not served it names the file', async () => {
  const answer = await get('/docs/runbook.html');
  const page = Buffer.from(answer.body ?? '', 'base64').toString();
  const anchors = [...page.matchAll(/<a href="#([^"]+)">/g)].map(([, anchor]) => anchor);
  expect(anchors).toContain('the-api-answers-5xx');
  for (const anchor of anchors) expect(page).toContain(`<b id="${anchor}">`);
  expect(page).toContain('overload (docs/operating/faults.md#overload)');
  expect(page).toContain('(docs/concepts/architecture.md#rebuilding-views)');
  expect(page).not.toMatch(/\]\(|href="[^#]/);
});

test('the page lets no table break its names in two', async () => {
  const answer = await get('/docs');
  const page = Buffer.from(answer.body ?? '', 'base64').toString();
  expect(page).toMatch(/\.markdown :is\(td, th\) code \{\s+white-space: nowrap/);
  expect(page).toMatch(/\.markdown table \{[^}]*overflow-x: auto/);
});

test('fits: answers below 6 MB, code below 1 MB', async () => {
  const largest = await get('/docs/reference.js');
  expect((largest.body ?? '').length).toBeLessThan(6_000_000);
  const sizes = readdirSync(join(folder, 'assets')).map((name) => statSync(join(folder, 'assets', name)).size);
  expect(sizes.reduce((sum, size) => sum + size, statSync(join(folder, 'index.mjs')).size)).toBeLessThan(1_000_000);
});

test('builds the same bytes twice', () => {
  const again = join(folder, 'again');
  buildDocsAssets(again);
  const differing = readdirSync(again).filter((name) => {
    return !readFileSync(join(again, name)).equals(readFileSync(join(folder, 'assets', name)));
  });
  expect(differing).toEqual([]);
  expect(readdirSync(again)).toHaveLength(6);
});

test.each(docsRoutes)('serves $path of the route table', async ({ path }) => {
  expect(await get(path.replace('{file}', 'start.js'))).toMatchObject({ statusCode: 200 });
});

describe('chooseEncoding', () => {
  test.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip;q=0.8, br', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['deflate', 'identity'],
    ['GZIP', 'gzip'],
  ])('%s → %s', (header, encoding) => expect(chooseEncoding(header)).toBe(encoding));
});
