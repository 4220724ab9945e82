import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commandMark, eventPayloads } from '../contract/events.ts';
import { BODY_DICTIONARY } from '../journal/dictionary.ts';
import { sha256 } from '../journal/sha256.ts';
import { audit } from './audit.ts';
import type { StoredItem } from './source.ts';
import { commitItem } from './testing/bank.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

/** The page is the only source of these tests: whoever writes a verifier from it must come to the same results. */
const page = readFileSync(new URL('../../docs/concepts/journal-format.md', import.meta.url), 'utf8');
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map((match) => match[1] ?? '');

const [description = '', example = ''] = page.split('\n## Worked example\n');
const [program = ''] = blocks(description, 'js');
const [reservationsPart = '', ...sections] = example.split('\n### ');
const chains = sections.flatMap((section) => {
  const name = /^`(CU_EXAMPLE#chain#\w+)`/.exec(section)?.[1];
  const [lines = '', hashes = ''] = [blocks(section, 'ndjson')[0], blocks(section, 'text')[0]];
  const commits = [...section.matchAll(/^\| (\d+) +\| (\d+) +\| `(\w+)…` +\| `(\w+)…` +\|$/gm)];
  return name === undefined ? [] : [{ name, lines, hashes: hashes.trimEnd().split('\n'), commits }];
});

/** The items of the journal as the page tells them. */
function itemsOfPage(): StoredItem[] {
  const commits = chains.flatMap(({ name, lines, hashes, commits: rows }) =>
    rows.map(([, sk, last]) => {
      const [first, end] = [Number(sk), Number(last)];
      const item = commitItem({
        pk: name,
        sk: first,
        prev: hashes[first - 1]?.split(' ')[1] ?? '',
        lines: lines.split('\n').slice(first - 1, end),
        packed: first === 2,
      });
      return name.endsWith('catalog') && first === 1 ? { ...item, registry: 'TENANT' } : item;
    }),
  );
  const holders = [...reservationsPart.matchAll(/`holder` `(\w+)`/g)].map((match) => match[1]);
  const reservations = blocks(reservationsPart, 'text').flatMap((block, index) =>
    block
      .trimEnd()
      .split('\n')
      .map((pk) => ({ pk, sk: 0, holder: holders[index] })),
  );
  return [...commits, ...reservations];
}

const folder = mkdtempSync(join(tmpdir(), 'journal-format-'));
const programPath = join(folder, 'verify.mjs');
writeFileSync(programPath, program);
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the page's program. @returns what it prints */
function run(name: string, input: string): string {
  return execFileSync(process.execPath, [programPath, name], { input, encoding: 'utf8', stdio: 'pipe' }).trimEnd();
}

describe('the page on the journal format', () => {
  it('has a worked example of three chains', () => {
    expect(chains.map(({ name }) => name)).toHaveLength(3);
    for (const { lines, hashes, commits } of chains) {
      expect(hashes).toHaveLength(lines.split('\n').length);
      expect(commits.length).toBeGreaterThan(1);
    }
  });

  it('has the dictionary of packed bodies', () => {
    expect(blocks(description, 'ndjson')).toEqual([`${BODY_DICTIONARY}\n`]);
  });

  it.each(chains)('has a program that comes to the head of $name', ({ name, lines, hashes }) => {
    expect(run(name, lines)).toBe(hashes.at(-1)?.split(' ').slice(0, 2).join(' '));
  });

  it('has a program that finds a missing line', () => {
    const { name = '', lines = '' } = chains[0] ?? {};
    expect(() => run(name, lines.split('\n').toSpliced(2, 1).join('\n'))).toThrow(/Event 3 is missing/);
  });

  it.each(chains)('tells the hash and the id of every event of $name', ({ name, lines, hashes }) => {
    const all = lines.trimEnd().split('\n');
    let hash = sha256(name);
    expect(hashes[0]).toBe(`0 ${hash}`);
    for (const [index, line] of all.entries()) {
      hash = sha256(hash + line);
      // RFC 9562: version 8 in the 13th digit, variant 10 in the upper bits of the 17th.
      const variant = '89ab'[Number.parseInt(hash.charAt(16), 16) % 4] ?? '';
      const id = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
      expect(hashes[index + 1]).toBe(`${index + 1} ${hash} ${id}`);
    }
  });

  it('tells the ends of every commit, and the digest of the tenant', async () => {
    const items = itemsOfPage();
    for (const { name, commits } of chains) {
      for (const [, sk, , prev = '', head = ''] of commits) {
        const item = items.find((each) => each['pk'] === name && each['sk'] === Number(sk));
        expect([item?.['prev'], item?.['head']]).toEqual([
          expect.stringMatching(`^${prev}`),
          expect.stringMatching(`^${head}`),
        ]);
      }
    }
    const unpacked = items.map((item) => (item['zst'] ? commitItemUnpacked(item) : item));
    const result = await audit({
      source: memorySource({ journal: items, views: await projectViews(unpacked) }),
      waitMs: 0,
    });
    expect(result.tenants[0]?.digest).toBe(blocks(sections.at(-1) ?? '', 'text')[0]?.trimEnd());
    for (const finding of Object.values(result.tenants[0]?.invariants ?? {})) {
      expect(finding.evidence).toEqual([]);
      expect(finding.checked).toBeGreaterThan(0);
    }
  });

  it('names every event type and every field of every event', () => {
    const types = description.split('\n## Event types\n')[1] ?? '';
    for (const [type, schema] of Object.entries(eventPayloads)) {
      const section = types.split('\n### ').find((part) => part.split('\n')[0]?.includes(`\`${type}\``)) ?? '';
      for (const field of fieldsOf(z.toJSONSchema(schema))) expect(`${type}: ${section}`).toContain(`\`${field}\``);
    }
    for (const field of fieldsOf(z.toJSONSchema(commandMark))) expect(description).toContain(`\`${field}\``);
  });
});

/** The same commit with its body as text, as the projections of the tests take it. */
function commitItemUnpacked(item: StoredItem): StoredItem {
  const lines = chains.find(({ name }) => name === item['pk'])?.lines.split('\n') ?? [];
  return commitItem({
    pk: String(item['pk']),
    sk: Number(item['sk']),
    prev: String(item['prev']),
    lines: lines.slice(Number(item['sk']) - 1, Number(item['last'])),
  });
}

function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) =>
    name === 'properties' && typeof value === 'object'
      ? [...Object.keys(value), ...Object.values(value).flatMap(fieldsOf)]
      : fieldsOf(value),
  );
}
