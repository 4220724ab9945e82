import { anything, assert, asyncProperty, constantFrom, jsonValue, nat, oneof, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { sha256 } from '../journal/sha256.ts';
import { audit } from './audit.ts';
import type { StoredItem } from './source.ts';
import { openTestBank } from './testing/bank.ts';
import { breachesOf } from './testing/breaches.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

const { bank } = openTestBank();
const clean = bank.items();
const views = await projectViews(clean);

/** Hashes the lines of all commits again, so that only what they say is wrong. */
function resealed(items: readonly StoredItem[]): StoredItem[] {
  const heads = new Map<string, string>();
  return items.map((item) => {
    const { pk, body } = item;
    if (typeof body !== 'string') return item;
    const prev = heads.get(String(pk)) ?? genesisHash(String(pk), sha256);
    const head = body.split('\n').reduce((hash, line) => linkHash(hash, line, sha256), prev);
    heads.set(String(pk), head);
    return { ...item, prev, head };
  });
}

/** All places of a JSON value, as paths. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, field]) => pathsOf(field, [...path, name]))];
}

function withValueAt(value: unknown, path: readonly string[], replacement: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((field, index) => (String(index) === name ? withValueAt(field, rest, replacement) : field));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, key === name ? withValueAt(field, rest, replacement) : field]),
  );
}

const strange = oneof(
  jsonValue(),
  constantFrom(
    0,
    -1,
    1,
    2 ** 53,
    -(2 ** 53) + 1,
    1e300,
    '',
    '__proto__',
    '9999-99-99',
    '2025-99-99T00:00:00Z',
    'acc_00_',
    'ent_01_1_000000000000',
    'GL_',
    'constructor',
  ),
);

describe('an audit of damaged data', () => {
  it('never throws, whatever a field of an event holds, and however right its hashes are', async () => {
    const lines = clean.filter((item) => item['body'] !== undefined);
    await assert(
      asyncProperty(nat(), nat(), nat(), strange, async (which, line, where, value) => {
        const item = lines[which % lines.length] ?? {};
        const texts = String(item['body']).split('\n');
        const index = line % texts.length;
        const event: unknown = JSON.parse(texts[index] ?? '');
        const paths = pathsOf(event);
        texts[index] = JSON.stringify(withValueAt(event, paths[where % paths.length] ?? [], value));
        const journal = resealed(clean.map((each) => (each === item ? { ...item, body: texts.join('\n') } : each)));
        await expect(breachesOf(journal, views)).resolves.toBeDefined();
      }),
      { numRuns: 150 },
    );
  });

  it('never throws, whatever an attribute of an item or a row holds', async () => {
    await assert(
      asyncProperty(nat(), nat(), oneof(anything(), string()), async (which, where, value) => {
        const damage = (items: readonly StoredItem[]) =>
          items.map((item, index) => {
            const names = Object.keys(item);
            const name = names[where % names.length] ?? '';
            return index === which % items.length && name !== 'pk' && name !== 'registry'
              ? { ...item, [name]: value }
              : item;
          });
        await expect(
          audit({ source: memorySource({ journal: damage(clean), views }), waitMs: 0 }),
        ).resolves.toBeDefined();
        await expect(
          audit({ source: memorySource({ journal: clean, views: damage(views) }), waitMs: 0 }),
        ).resolves.toBeDefined();
      }),
      { numRuns: 75 },
    );
  });

  it.each([100, 1_000, 100_000])('reads what is nested %i deep, or says that it cannot', async (depth) => {
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const journal = resealed(
      clean.map((item) =>
        String(item['body']).includes('CustomerCreated')
          ? { ...item, body: String(item['body']).replace('"person":', `"metadata":{"a":${nested}},"person":`) }
          : item,
      ),
    );
    const found = await breachesOf(journal, views);
    expect(found.HASH_CHAIN?.some(({ reason }) => reason === 'The line is no JSON') ?? false).toBe(depth > 50_000);
  });
});
