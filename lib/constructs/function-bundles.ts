import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { buildDocsAssets } from '../../lambdas/docs/build-assets.ts';

const FUNCTION_NAMES = ['command', 'query', 'docs', 'projection', 'sweep', 'audit', 'digest', 'twin'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** Folder of each function's bundled code. */
export type FunctionCode = Record<FunctionName, string>;

const ROOT = join(import.meta.dirname, '../..');

/** CommonJS packages among the dependencies call `require`, which an ES module does not have. */
const REQUIRE_IN_ESM = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/** Ways to come by credentials that a function never uses: Lambda puts them into its environment. A tenth of a bundle. */
const UNUSED_CREDENTIALS = ['sso', 'ini', 'process', 'web-identity', 'login', 'cognito-identity'].map(
  (source) => `@aws-sdk/credential-provider-${source}`,
);

/** zod carries its messages in fifty languages, more than half of its size; ours are in English, which it loads apart. */
const ZOD_IN_ENGLISH: Plugin = {
  name: 'zod-in-english',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {}' }));
  },
};

/** A source map of the first character and nothing else. */
const NO_MAP = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString('base64');

/**
 * Keeps libraries out of the source maps: Node reads a function's map at its start, and theirs are three quarters of it. In
 * stack traces they stand as they were bundled.
 */
const MAPS_OF_OUR_SOURCES: Plugin = {
  name: 'maps-of-our-sources',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${NO_MAP}`,
    }));
  },
};

/**
 * Bundles every function in one pass of esbuild, each into its own folder below the given one.
 *
 * Why not one `NodejsFunction` each: it starts esbuild through npx, eight times one after the other, and each time reads
 * the same modules again. The AWS SDK is bundled, not taken from the runtime: the version that was tested is the version
 * that runs, a cold start reads one file, and the bundle also runs where there is no Lambda.
 */
export async function bundleFunctions(folder: string): Promise<FunctionCode> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: FUNCTION_NAMES.map((name) => ({ in: `lambdas/${name}/handler.ts`, out: `${name}/index` })),
    // Positions in a source map are relative to the output, so the output stands at a fixed place beside the sources,
    // where nothing is written: the same sources give the same bytes, and so the same asset hash, on every machine.
    outdir: join(ROOT, 'cdk.out/functions'),
    write: false,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The ES module builds of the AWS SDK, of which esbuild can drop what is not used.
    mainFields: ['module', 'main'],
    external: [...UNUSED_CREDENTIALS, '@aws-sdk/client-cognito-identity'],
    plugins: [ZOD_IN_ENGLISH, MAPS_OF_OUR_SOURCES],
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: REQUIRE_IN_ESM },
    logLevel: 'error',
  });
  for (const { path, contents } of outputFiles) {
    const target = join(folder, basename(dirname(path)), basename(path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, contents);
  }
  buildDocsAssets(join(folder, 'docs', 'assets'));
  const folders = FUNCTION_NAMES.map((name) => [name, join(folder, name)] as const);
  return Object.fromEntries(folders) as FunctionCode; // one key for each of FUNCTION_NAMES
}
