import { createHash, type Hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What the assembly is made of: the app, and everything that is bundled into its functions. */
const SOURCES = [
  'bin/app.ts',
  'cdk.json',
  'lib',
  'lambdas',
  'src',
  'stepfunctions',
  'openapi.json',
  'docs/operating/runbook.md',
  'package-lock.json',
];
/** Parts of them that no function or construct imports. */
const NOT_SOURCES = new Set(['src/cli', 'src/local']);

/**
 * Hashes all that the synthesized assembly depends on.
 * @param context what is given to the app beside cdk.json
 * @returns 20 hex digits, equal for equal sources wherever they lie
 */
export function sourcesHash(root: string, context: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(context));
  for (const source of SOURCES) addPath(hash, root, join(root, source));
  return hash.digest('hex').slice(0, 20);
}

function addPath(hash: Hash, root: string, path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const name = relative(root, path).split(sep).join('/');
  if (stats.isDirectory()) {
    if (NOT_SOURCES.has(name)) return;
    for (const entry of readdirSync(path).toSorted()) addPath(hash, root, join(path, entry));
  } else if (!name.endsWith('.test.ts')) {
    // Name and length first, so that no two different sets of files give the same bytes.
    hash.update(`\n${name} ${stats.size}\n`);
    hash.update(readFileSync(path));
  }
}
