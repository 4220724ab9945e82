import { Buffer } from 'node:buffer';
import { zstdDecompressSync } from 'node:zlib';
import { assert, asyncProperty, integer, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitItem, openTestBank, packBody } from './testing/bank.ts';
import { BODY_DICTIONARY } from '../journal/dictionary.ts';
import { breachesOf } from './testing/breaches.ts';
import { createCopies, leavesOf } from './testing/digests.ts';
import { audit } from './audit.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';
import type { StoredItem } from './source.ts';

const SPENDING_CHAIN = 'CU_TEST#chain#00';

/** The clean journal and its views, made once: tests put damaged copies of items into copies of it. */
const clean = openTestBank().bank.items();
const views = await projectViews(clean);
const lines = clean.filter((item) => item['body'] !== undefined);

const replace = (old: StoredItem, ...items: StoredItem[]): StoredItem[] =>
  clean.flatMap((item) => (item === old ? items : [item]));
const commitAt = (pk: string, sk: number): StoredItem => {
  const found = clean.find((item) => item['pk'] === pk && item['sk'] === sk);
  if (!found) throw new Error(`No commit at ${pk} / ${sk}`);
  return found;
};
const unbodied = (item: StoredItem): StoredItem =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'body'));
/** The commit of the card purchase: an entry and two updates. */
const purchase = clean.find((item) => String(item['body']).includes('GL_CARD_CLEARING')) ?? {};
const at = Number(purchase['sk']);

describe('HASH_CHAIN', () => {
  it('finds any single byte that was changed in any line, and names its commit', async () => {
    await assert(
      asyncProperty(nat(), nat(), integer({ min: 1, max: 127 }), async (which, where, change) => {
        const item = lines[which % lines.length] ?? {};
        const bytes = Buffer.from(String(item['body']));
        const position = where % bytes.length;
        bytes[position] = (bytes[position] ?? 0) ^ change;
        const found = await breachesOf(replace(item, { ...item, body: bytes.toString('utf8') }), views);
        const chain = String(item['pk']).split('#')[2];
        expect(found.HASH_CHAIN?.some((evidence) => evidence.chain === chain && evidence.seq === item['sk'])).toBe(
          true,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('finds any single byte that was changed in a packed body', async () => {
    const zst = packBody(String(purchase['body']));
    const rest = unbodied(purchase);
    expect(await breachesOf(replace(purchase, { ...rest, zst }), views)).toEqual({});
    await assert(
      asyncProperty(nat({ max: zst.length - 1 }), integer({ min: 1, max: 255 }), async (position, change) => {
        const bytes = Buffer.from(zst);
        bytes[position] = (bytes[position] ?? 0) ^ change;
        const found = await breachesOf(replace(purchase, { ...rest, zst: bytes }), views);
        // Here and there a frame has bits that say nothing: the lines are what they were, and they are what is audited.
        const events = found.HASH_CHAIN?.map((evidence) => Number(evidence.seq)) ?? [];
        if (textOf(bytes) === purchase['body']) expect(events).toEqual([]);
        else expect(events.some((seq) => seq >= at && seq <= Number(purchase['last']))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('gives a journal with a changed line another digest, whatever its commits claim', async () => {
    const digestOf = async (journal: StoredItem[]) =>
      (await audit({ source: memorySource({ journal, views }), waitMs: 0 })).digest;
    const honest = await digestOf(clean);
    for (const item of lines) {
      const body = String(item['body']).replace('"seq":', '"seq" :');
      expect(await digestOf(replace(item, { ...item, body }))).not.toBe(honest);
    }
  });

  it('reports a changed narrative as nothing but a broken hash', async () => {
    const found = await breachesOf(
      replace(purchase, { ...purchase, body: String(purchase['body']).replace('"Test"', '"Best"') }),
      views,
    );
    expect(found).toEqual({
      HASH_CHAIN: [
        {
          tenantId: 'CU_TEST',
          chain: '00',
          seq: at,
          reason: `The lines ${at} to ${at + 2} are not those that were hashed (head)`,
        },
      ],
    });
  });

  it.each<[string, (item: StoredItem) => StoredItem[], RegExp]>([
    ['a commit that is missing', () => [], /a gap/],
    ['a commit that stands twice', (item) => [item, { ...item, sk: at + 1 }], /a fork/],
    ['a wrong prev', (item) => [{ ...item, prev: 'f'.repeat(64) }], /prev/],
    ['a wrong head', (item) => [{ ...item, head: 'f'.repeat(64) }], /head/],
    ['a wrong last', (item) => [{ ...item, last: at + 3 }], /has 3 lines/],
    [
      'a truncated body',
      (item) => [{ ...item, body: String(item['body']).split('\n').slice(0, 2).join('\n') }],
      /has 2 lines/,
    ],
    ['an empty body', (item) => [{ ...item, body: '' }], /no JSON/],
    ['no body', (item) => [unbodied(item)], /either a body or a zst/],
    ['a body that is no text', (item) => [{ ...item, body: 5 }], /no text/],
    ['a zst that is no Zstandard frame', (item) => [{ ...unbodied(item), zst: Buffer.from('x') }], /unpacked/],
    [
      'bytes that are no UTF-8',
      (item) => [{ ...unbodied(item), zst: packBody(Buffer.from([0x22, 0xff, 0x22])) }],
      /unpacked/,
    ],
    ['a byte order mark', ({ body, ...item }) => [{ ...item, zst: packBody(`\uFEFF${String(body)}`) }], /no JSON/],
    ['an unknown attribute', (item) => [{ ...item, note: 'x' }], /unknown attribute "note"/],
    ['a commit time that is none', (item) => [{ ...item, at: 'yesterday' }], /no date-time/],
    ['a sort key that is none', (item) => [{ ...item, sk: at + 0.5 }], /goes on with a commit/],
  ])('finds %s', async (_name, damage, reason) => {
    const found = await breachesOf(replace(purchase, ...damage(purchase)), views);
    expect(found.HASH_CHAIN?.some((evidence) => evidence.chain === '00' && reason.test(evidence.reason))).toBe(true);
  });

  it.each<[string, (line: string) => string, RegExp]>([
    ['white space in a line', (line) => line.replace('"seq":', '"seq": '), /fixed form/],
    ['another field order', (line) => line.replace(/^\{("seq":\d+),("type":"\w+")/, '{$2,$1'), /fixed form/],
    ['a field that no line has', (line) => line.replace(/\}$/, ',"note":1}'), /fixed form/],
    [
      'a number written another way',
      (line) => line.replace('"amountMinor":4560', '"amountMinor":4.56e3'),
      /fixed form/,
    ],
    ['an unknown field in the payload', (line) => line.replace('"narrative"', '"note":1,"narrative"'), /payload/],
    ['a missing field', (line) => line.replace('"narrative":"Test",', ''), /payload.narrative/],
    [
      'an amount that is no integer',
      (line) => line.replace('"amountMinor":4560', '"amountMinor":45.6'),
      /payload.legs/,
    ],
    ['an unknown type', (line) => line.replace('"EntryPosted"', '"EntryPasted"'), /Unknown event type/],
    ['a wrong seq', (line) => line.replace(/"seq":\d+/, '"seq":1'), /is due/],
    ['a timestamp that is none', (line) => line.replace('"occurredAt":"2025', '"occurredAt":"x025'), /no date-time/],
    ['a command that is none', (line) => line.replace(/"causationId":"[^"]+"/, '"causationId":"x"'), /no UUID/],
    ['a mark without digest', (line) => line.replace(/"digest":"\w+"/, '"digest":"x"'), /32 hex digits/],
    ['a mark without events', (line) => line.replace('"events":3', '"events":0'), /counts no event/],
    ['no object', () => 'null', /no object/],
  ])('finds %s although the hashes are right', async (_name, damage, reason) => {
    const journal = resealed(at, damage);
    const found = await breachesOf(journal, views);
    expect(found.HASH_CHAIN?.[0]).toMatchObject({ chain: '00', seq: at });
    expect(found.HASH_CHAIN?.[0]?.reason).toMatch(reason);
  });

  it.each([1, 2, 9])(
    'finds a chain whose last %i commits are gone, by the views that have seen them',
    async (count) => {
      const gone = clean.filter((item) => item['pk'] === SPENDING_CHAIN).slice(-count);
      const [seq, headSeq] = [Number(gone.at(-1)?.['last']), Number(gone[0]?.['sk']) - 1];
      const found = await breachesOf(
        clean.filter((item) => !gone.includes(item)),
        views,
        { spans: true },
      );
      expect(found.HASH_CHAIN).toHaveLength(1);
      expect(found.HASH_CHAIN?.[0]).toMatchObject({ chain: '00', seq });
      expect(found.HASH_CHAIN?.[0]?.reason).toMatch(
        new RegExp(`^The chain ends at event ${headSeq}, but the views have seen event ${seq} of it .* was cut off$`),
      );
      // The views are as they should be: nobody is sent to mend them.
      expect(found).not.toHaveProperty('DERIVED_BALANCES');
    },
  );

  it.each(['catalog', '01'])('finds the tail of chain %s gone', async (chain) => {
    const last = clean.findLast((item) => item['pk'] === `CU_TEST#chain#${chain}`) ?? {};
    const found = await breachesOf(replace(last), views, { spans: true });
    expect(found.HASH_CHAIN).toHaveLength(1);
    expect(found.HASH_CHAIN?.[0]).toMatchObject({ chain, seq: last['last'] });
    expect(found).not.toHaveProperty('DERIVED_BALANCES');
  });

  it.each([
    ['another commit ends', 4, /the journal has [0-9a-f]{64} there: the chain was rewritten$/],
    ['no commit ends', 2, /the journal has no commit that ends there: the chain was rewritten$/],
  ])('finds a chain that was cut off and went on, where %s at what was seen', async (_name, refusals, reason) => {
    const { bank, jane, spending } = openTestBank();
    bank.post({ [spending]: -1_00, GL_CASH: 1_00 });
    const seen = await projectViews(bank.items());
    bank.chain('00').pop();
    for (let number = 0; number < refusals; number += 1) bank.refuse('00', 'PostEntry', 'InsufficientFunds');
    bank.open(jane, { productCode: 'LOAN', loanMinor: 1_000_00 });
    const found = await breachesOf(bank.items(), seen);
    expect(Object.keys(found)).toEqual(['HASH_CHAIN']);
    expect(found.HASH_CHAIN).toHaveLength(1);
    expect(found.HASH_CHAIN?.[0]?.reason).toMatch(reason);
  });

  it.each([
    ['was cut off', 0, /^The chain ends at event \d+, but digest 2 was signed over event \d+ of it .* was cut off$/],
    ['went on', 4, /^Digest 2 was signed over event \d+ .* has [0-9a-f]{64} there: the chain was rewritten$/],
    ['went on otherwise', 2, /^Digest 2 .* has no commit that ends there: the chain was rewritten$/],
  ])('finds a chain that %s, and its views with it, by the last digest', async (_name, refusals, reason) => {
    const { bank, jane, spending } = openTestBank();
    const copyOf = createCopies('CU_TEST');
    const first = copyOf({ number: 1, heads: leavesOf(bank) });
    bank.post({ [spending]: -1_00, GL_CASH: 1_00 });
    const digests = [first, copyOf({ number: 2, heads: leavesOf(bank), previous: first })];
    const count = { pk: 'CU_TEST#digest', sk: 'count', doc: '{"seq":2}' };
    const found = async () => breachesOf(bank.items(), [...(await projectViews(bank.items())), ...digests, count]);
    expect(await found()).toEqual({});

    bank.chain('00').pop();
    for (let number = 0; number < refusals; number += 1) bank.refuse('00', 'PostEntry', 'InsufficientFunds');
    if (refusals > 0) bank.open(jane, { productCode: 'LOAN', loanMinor: 1_000_00 });
    const { HASH_CHAIN, ...others } = await found();
    expect(others).toEqual({});
    expect(HASH_CHAIN?.map((breach) => breach.chain)).toEqual(['00']);
    expect(HASH_CHAIN?.[0]?.reason).toMatch(reason);
  });

  it('finds a chain that was rewritten from a commit on, by the views that have seen it', async () => {
    const found = await breachesOf(
      resealed(at, (line) => line.replace('"Test"', '"Best"')),
      views,
    );
    expect(Object.keys(found)).toEqual(['HASH_CHAIN']);
    expect(found.HASH_CHAIN?.[0]?.reason).toMatch(/^The views have seen event .* the chain was rewritten$/);
  });

  it('finds a tenant whose catalog is gone', async () => {
    const catalog = commitAt('CU_TEST#chain#catalog', 1);
    const registered = { ...commitAt('CU_TEST#chain#catalog', 2), registry: 'TENANT' };
    const journal = clean.flatMap((item) =>
      item === catalog ? [] : [item['sk'] === 2 && item['pk'] === catalog['pk'] ? registered : item],
    );
    const found = await breachesOf(journal, views);
    expect(found.HASH_CHAIN?.map(({ reason }) => reason)).toContain('The catalog chain does not create the tenant');
  });
});

/** Rewrites the first line of a commit of chain 00 and hashes the chain anew from there: all hashes are right again. */
function resealed(from: number, damage: (line: string) => string): StoredItem[] {
  let head: string | undefined;
  return clean.map((item) => {
    const [pk, sk] = [String(item['pk']), Number(item['sk'])];
    if (pk !== SPENDING_CHAIN || sk < from) return item;
    const [first = '', ...others] = String(item['body']).split('\n');
    const sealed = commitItem({
      pk,
      sk,
      prev: head ?? String(item['prev']),
      lines: [sk === from ? damage(first) : first, ...others],
    });
    head = String(sealed['head']);
    return sealed;
  });
}

function textOf(zst: Buffer): string | undefined {
  try {
    return zstdDecompressSync(zst, { dictionary: Buffer.from(BODY_DICTIONARY) }).toString();
  } catch {
    return undefined;
  }
}
