import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { preProcessFile } from 'typescript';

/** What a layer's files may import. Tests are free: they look at everything. */
interface Layer {
  /** Layers of ours, or single modules of one (`journal/port`). */
  ours: readonly string[];
  /** Packages: `*` any, else names or scopes ending in `/`. */
  packages: readonly string[];
  /** `node:` modules. */
  node: boolean;
  /** Imports from ours that must be types only. */
  typesOnly?: readonly string[];
}

const AWS = ['@aws-sdk/', '@smithy/'];
const POWERTOOLS = ['@aws-lambda-powertools/'];

/**
 * The import table. `docs/concepts/architecture.md` shows it to people; this is what holds it.
 * A layer is a folder of `src`, or `lambdas`, `lambdas/twin`, `lib`, `bin`, `bench`.
 */
export const LAYERS: Readonly<Record<string, Layer>> = {
  contract: { ours: [], packages: ['zod'], node: false },
  core: { ours: ['contract'], typesOnly: ['contract'], packages: [], node: false },
  dynamodb: { ours: [], packages: [], node: true },
  journal: { ours: ['contract', 'core', 'dynamodb'], packages: [], node: true },
  gateway: { ours: ['contract', 'core', 'journal/port'], packages: ['zod'], node: false },
  views: {
    ours: ['contract', 'core', 'journal/port', 'journal/items', 'proof/port', 'proof/statement', 'dynamodb'],
    packages: ['zod'],
    node: true,
  },
  // Judges the ledger, so it shares no decision, fold or reducer with it.
  audit: {
    ours: [
      'contract',
      'core/chain',
      'journal/port',
      'journal/sha256',
      'journal/dictionary',
      'views/keys',
      'dynamodb',
      'proof/keys',
      'proof/read-digest',
      'proof/statement',
    ],
    packages: ['zod'],
    node: true,
  },
  // What an outsider checks. Only how a digest is made knows the journal.
  proof: { ours: ['contract', 'core/chain', 'journal/port', 'journal/sha256'], packages: [], node: true },
  sdk: { ours: [], packages: ['openapi-fetch'], node: false },
  twin: { ours: ['sdk'], packages: ['pure-rand', 'merchant-category-codes'], node: true },
  local: { ours: [], packages: ['*'], node: true },
  cli: { ours: ['local', 'sdk', 'twin', 'proof', 'dynamodb', 'contract/rights'], packages: ['*'], node: true },
  'lambdas/twin': {
    ours: ['twin', 'sdk', 'lambdas/middleware'],
    packages: [...AWS, ...POWERTOOLS, '@middy/', 'aws-lambda'],
    node: true,
  },
  lambdas: {
    ours: ['gateway', 'journal', 'views', 'audit', 'proof', 'dynamodb', 'contract', 'core/chain'],
    packages: [...AWS, ...POWERTOOLS, '@middy/', 'aws-lambda', 'zod'],
    node: true,
  },
  lib: { ours: ['contract', 'lambdas/docs/build-assets', 'lambdas/docs/asset-names'], packages: ['*'], node: true },
  bin: { ours: ['cli', 'lib'], packages: ['*'], node: true },
  // Measures the parts one by one, and the whole from outside as a client sees it.
  bench: {
    ours: ['contract', 'core', 'journal', 'dynamodb', 'gateway', 'views', 'audit', 'proof', 'lambdas', 'local', 'cli'],
    packages: ['*'],
    node: true,
  },
};

export interface SourceFile {
  /** Relative to the root, with `/`. */
  path: string;
  text: string;
}

/** Reads the source files that the table speaks of, tests and their helpers left out. */
export function readSources(root: string): SourceFile[] {
  return ['src', 'lambdas', 'lib', 'bin', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter(
        (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !/\/(?:testing|node_modules)\//.test(path),
      )
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  );
}

/** @returns one sentence for each import that the table does not allow */
export function violationsOf(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    const rule = layer === undefined ? undefined : LAYERS[layer];
    if (layer === undefined || !rule)
      return [`${file.path} belongs to no layer: give its folder a row in tools/layers.ts`];
    return importsOf(file).flatMap(({ specifier, typesOnly }) => {
      const fault = faultOf({ layer, rule, path: file.path, specifier, typesOnly });
      return fault === undefined ? [] : [`${file.path} imports "${specifier}": ${fault}`];
    });
  });
}

function faultOf(options: {
  layer: string;
  rule: Layer;
  path: string;
  specifier: string;
  typesOnly: boolean;
}): string | undefined {
  const { layer, rule, path, specifier, typesOnly } = options;
  if (specifier.startsWith('node:')) return rule.node || typesOnly ? undefined : `${layer} uses no node: module`;
  if (!specifier.startsWith('.')) {
    const allowed = rule.packages.some(
      (name) => name === '*' || specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`),
    );
    return allowed ? undefined : `${layer} uses no such package`;
  }
  const target = join(dirname(path), specifier);
  const targetLayer = layerOf(target);
  if (targetLayer === undefined || targetLayer === layer) return undefined; // A data file such as openapi.json, or its own.
  const module = target.replace(/^src\//, '').replace(/\.ts$/, '');
  const permitted = rule.ours.find((name) => module === name || module.startsWith(`${name}/`));
  if (permitted === undefined) return `${layer} may not import ${targetLayer}`;
  if (rule.typesOnly?.includes(permitted) && !typesOnly) return `${layer} may import only types of ${permitted}`;
  return undefined;
}

function layerOf(path: string): string | undefined {
  const [top, second] = path.split('/');
  if (top === 'src') return second;
  if (top === 'lambdas') return second === 'twin' ? 'lambdas/twin' : 'lambdas';
  return top === 'lib' || top === 'bin' || top === 'bench' ? top : undefined;
}

function importsOf(file: SourceFile): { specifier: string; typesOnly: boolean }[] {
  return preProcessFile(file.text, true, true).importedFiles.map(({ fileName, pos }) => {
    // The clause before the specifier: `import type … from` and `export type … from` vanish when the types do.
    const clause = file.text.slice(file.text.lastIndexOf(';', pos) + 1, pos);
    return { specifier: fileName, typesOnly: /(?:^|\n)\s*(?:import|export)\s+type\s[^;]*$/.test(clause) };
  });
}
