import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/contract/limits.ts';
import { move } from '../../support/ledger.ts';
import { type Bench, COMMANDS, refusalOf, startBench, TENANT } from '../support/bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

const JSON_BODY = { 'content-type': 'application/json' };
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const deepObject = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const members = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',');
/** Puts bytes before the narrative, as no text can hold them. */
const withBytes = (text: string, ...bytes: number[]) => {
  const at = text.indexOf('Test');
  return Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(bytes), Buffer.from(text.slice(at))]);
};
const withMetadata = (json: string) => (text: string) =>
  text.replace('"narrative":"Test"', `"narrative":"Test","metadata":${json}`);
const withTags = (json: string) => (text: string) =>
  text.replace('"narrative":"Test"', `"narrative":"Test","tags":${json}`);
const withNarrative = (json: string) => (text: string) => text.replace('"narrative":"Test"', `"narrative":${json}`);
const withAmount = (json: string) => (text: string) => text.replaceAll('"amount":1', `"amount":${json}`);
const inPayload = (json: string) => (text: string) => text.replace('"payload":{', `"payload":{${json},`);

/** What is done to a body that is good without it; a batch of the same entry gets it too. */
type Spoil = (text: string) => string | Uint8Array;

/** Refused with 400 `ValidationError`. */
const REFUSED: [string, Spoil, Record<string, string>?][] = [
  // depth and size
  ['100,000 lists in each other', () => deep(100_000)],
  ['40,000 objects in each other', () => deepObject(40_000)],
  ['depth that never ends', () => '{"a":['.repeat(40_000)],
  ['depth in the payload', inPayload(`"x":${deep(100_000)}`)],
  ['depth in place of a text', withNarrative(deep(100_000))],
  ['depth in metadata', withMetadata(`{"a":${deep(100_000)}}`)],
  ['metadata a level too deep', withMetadata(deepObject(LIMITS.metadataLevels + 1))],
  ['metadata a byte too large', withMetadata(`{"a":"${'x'.repeat(LIMITS.metadataBytes - 7)}"}`)],
  ['20,000 unknown members', inPayload(members(20_000))],
  ['20,000 legs', (text) => text.replace(/"legs":\[/, `"legs":[${'{},'.repeat(20_000)}`)],
  ['20,000 tags', withTags(`{${members(15_000).replaceAll(':0', ':"0"')}}`)],
  // numbers
  ['an amount of 1e309', withAmount('1e309')],
  ['an amount of 10,000 digits', withAmount('1'.repeat(10_000))],
  ['an amount of -0', withAmount('-0')],
  ['an amount of 0.001', withAmount('0.001')],
  ['an amount of 2^53', withAmount('9007199254740992')],
  ['an amount in a text', withAmount('"1"')],
  ['an amount with a leading zero', withAmount('01')],
  ['an amount in hexadecimal', withAmount('0x1')],
  ['an infinite amount', withAmount('Infinity')],
  ['1e309 in metadata', withMetadata('{"a":1e309}')],
  ['a whole number in metadata that a double rounds', withMetadata('{"a":[9007199254740993]}')],
  // members
  ['a member twice', withAmount('5,"amount":1')],
  ['a member twice, once with an escape', withAmount('5,"\\u0061mount":1')],
  ['the payload twice', (text) => text.replace('"payload":', '"payload":{},"payload":')],
  ['the tenant twice', (text) => text.replace('"tenantId":', '"tenantId":"CU_FRESH","tenantId":')],
  ['a member twice in metadata', withMetadata('{"a":{"b":1,"b":1}}')],
  ['__proto__ in the envelope', (text) => text.replace('"payload":', '"__proto__":{"payload":1},"payload":')],
  ['__proto__ in the payload', inPayload('"__proto__":{"narrative":"x"}')],
  ['__proto__ in metadata', withMetadata('{"__proto__":{"isAdmin":true}}')],
  ['__proto__ deep in metadata, escaped', withMetadata('{"a":[{"\\u005f\\u005fproto__":1}]}')],
  ['__proto__ among the tags', withTags('{"__proto__":"x"}')],
  ['constructor in the payload', inPayload('"constructor":{"prototype":{"x":1}}')],
  ['toString in the envelope', (text) => text.replace('"payload":', '"toString":1,"payload":')],
  // encodings
  ['UTF-16', (text) => Buffer.from(text, 'utf16le')],
  [
    'UTF-16, and saying so',
    (text) => Buffer.from(text, 'utf16le'),
    { 'content-type': 'application/json; charset=utf-16' },
  ],
  ['UTF-16 with a byte order mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-8 with a byte order mark', (text) => `\ufeff${text}`],
  [
    'Latin-1, and saying so',
    (text) => withBytes(text, 0xe4),
    { 'content-type': 'application/json; charset=iso-8859-1' },
  ],
  ['ASCII, and calling it Latin-1', (text) => text, { 'content-type': 'application/json; charset=iso-8859-1' }],
  ['Latin-1', (text) => withBytes(text, 0xe4)],
  ['a cut character', (text) => withBytes(text, 0xe2, 0x82)],
  ['an overlong slash', (text) => withBytes(text, 0xc0, 0xaf)],
  ['half a surrogate pair in UTF-8', (text) => withBytes(text, 0xed, 0xa0, 0x80)],
  ['a character beyond Unicode', (text) => withBytes(text, 0xf4, 0x90, 0x80, 0x80)],
  ['gzip', (text) => gzipSync(text), { ...JSON_BODY, 'content-encoding': 'gzip' }],
  ['gzip, saying nothing', (text) => gzipSync(text)],
  ['brotli', (text) => brotliCompressSync(text), { ...JSON_BODY, 'content-encoding': 'br' }],
  ['plain, but called gzip', (text) => text, { ...JSON_BODY, 'content-encoding': 'gzip' }],
  ['plain, but called two things', (text) => text, { ...JSON_BODY, 'content-encoding': 'identity, gzip' }],
  ['a bomb of 100 MB', () => gzipSync(' '.repeat(100_000_000)), { ...JSON_BODY, 'content-encoding': 'gzip' }],
  ['base64', (text) => Buffer.from(text).toString('base64')],
  ['JSON in a JSON text', (text) => JSON.stringify(text)],
  // content types
  ['no content type', (text) => text, {}],
  ['an empty content type', (text) => text, { 'content-type': '' }],
  ['a list of content types', (text) => text, { 'content-type': 'application/json, text/plain' }],
  ['the content type of a form', (text) => text, { 'content-type': 'application/x-www-form-urlencoded' }],
  [
    'a form with a file',
    (text) => `--x\r\n\r\n${text}\r\n--x--`,
    { 'content-type': 'multipart/form-data; boundary=x' },
  ],
  ['a type that ends like JSON', (text) => text, { 'content-type': 'application/vnd.api+json' }],
  ['bytes', (text) => text, { 'content-type': 'application/octet-stream' }],
  // texts that fool who reads them
  ['a narrative with NUL', withNarrative('"a\\u0000b"')],
  ['a narrative that colours a terminal', withNarrative('"\\u001b[31mred"')],
  ['a narrative with an 8-bit escape', withNarrative('"\\u009b31mred"')],
  ['a narrative of two lines', withNarrative('"a\\nb"')],
  ['a narrative that rubs itself out', withNarrative('"paid\\b\\b\\b\\b"')],
  ['a narrative with DEL', withNarrative('"a\\u007f"')],
  ['a narrative with a line separator', withNarrative('"a\\u2028b"')],
  ['a narrative that runs backwards', withNarrative('"\\u202e001 diap"')],
  ['a narrative with an isolate', withNarrative('"\\u2066a\\u2069"')],
  ['half a character in a narrative', withNarrative('"a\\ud800"')],
  ['the other half of one', withNarrative('"a\\udc00b"')],
  ['a tag that runs backwards', withTags('{"category":"\\u202ea"}')],
  ['a tag’s name with an escape', withTags('{"\\u001b[2J":"a"}')],
  ['an escape in metadata', withMetadata('{"a":["\\u001b]0;title\\u0007"]}')],
  ['an 8-bit escape in a member of metadata', withMetadata('{"\\u009b2J":1}')],
  ['text that runs backwards in metadata', withMetadata('{"a":{"b":"\\u202e"}}')],
  ['half a character in metadata', withMetadata('{"a":"\\ud800"}')],
];

/** Accepted, and given back to the last character. */
const KEPT: [string, { narrative?: string; tags?: Record<string, string>; metadata?: Record<string, unknown> }][] = [
  ['markup', { narrative: '<script>alert(1)</script>&lt;"\'`${x}{{x}}', tags: { '<b>': '</script><!--' } }],
  ['what reads as code', { narrative: '\'; DROP TABLE entries; -- =HYPERLINK("x") %s %n $(id) `id` ../../etc/passwd' }],
  ['names of every object', { tags: { constructor: 'a', toString: 'b', hasOwnProperty: 'c', length: 'd' } }],
  ['names of every object in metadata', { metadata: { constructor: { prototype: 1 }, toString: null, valueOf: [] } }],
  ['__proto__ as a text', { narrative: '__proto__', tags: { category: '__proto__' }, metadata: { a: '__proto__' } }],
  ['characters of all widths', { narrative: 'é ß € 漢字 🏦 👩‍👩‍👧 Ａ' }],
  ['text that runs from the right', { narrative: 'שלום عالم \u200f!' }],
  ['the same word in two compositions', { narrative: 'caf\u00e9 cafe\u0301' }],
  ['signs without width', { narrative: 'a\u200b\u200c\u200d\ufeffb' }],
  ['a replacement character', { narrative: '\ufffd' }],
  ['noncharacters', { narrative: '\uffff\u{10ffff}' }],
  ['quotes and backslashes', { narrative: '"\\" \\u0000 \\n', metadata: { '"\\': '\\"' } }],
  ['lines and tabs in metadata', { metadata: { note: 'one\n\ttwo' } }],
  ['lines that end as on Windows in metadata', { metadata: { note: 'one\r\ntwo' } }],
  ['numbers at their edges', { metadata: { most: 2 ** 53 - 1, least: -(2 ** 53) + 1, tiny: 5e-324, third: 1 / 3 } }],
  [
    'texts as long as they may be',
    { narrative: '€'.repeat(LIMITS.narrativeLength), metadata: { a: 'x'.repeat(4_088) } },
  ],
  [
    'metadata as deep as it may be',
    { metadata: JSON.parse(deepObject(LIMITS.metadataLevels - 1)) as Record<string, unknown> },
  ],
];

let count = 0;
const entry = (change: object = {}) =>
  move('GL_SALARY', bench.values['accountId'] ?? '', 1, { id: `hostile ${(count += 1)}`, change });
const post = (body: string | Uint8Array, path = COMMANDS, headers: Record<string, string> = JSON_BODY) =>
  bench.send({ method: 'POST', path, headers, body });

describe('a body', () => {
  it.each(REFUSED)('%s: 400, and nothing is written', async (_, spoil, headers) => {
    const before = await bench.journal();
    const text = JSON.stringify(entry());
    expect(refusalOf(await post(spoil(text), COMMANDS, headers))).toEqual([400, 'ValidationError']);
    const batch = await post(spoil(`{"commands":[${text}]}`), `${COMMANDS}/batch`, headers);
    expect(refusalOf(batch)).toEqual([400, 'ValidationError']);
    expect(await bench.journal()).toEqual(before);
    // The very same entry is good without it.
    expect((await post(text, `${COMMANDS}?dryRun=true`)).status).toBe(200);
  });

  it.each(KEPT)('%s: accepted, and kept as it was sent', async (_, change) => {
    const answer = await post(JSON.stringify(entry(change)));
    expect(answer.status).toBe(202);
    await bench.cloud.cloud.settled();
    const { entityId } = JSON.parse(answer.text) as { entityId: string };
    const read = await bench.send({ method: 'GET', path: `/v1/tenants/${TENANT}/entries/${entityId}` });
    expect(JSON.parse(read.text)).toMatchObject({ narrative: 'Test', ...change });
  });

  it('with more digits than a double holds is the double', async () => {
    const answer = await post(withAmount(`1.${'0'.repeat(9_999)}1`)(JSON.stringify(entry())));
    await bench.cloud.cloud.settled();
    const { entityId } = JSON.parse(answer.text) as { entityId: string };
    const read = await bench.send({ method: 'GET', path: `/v1/tenants/${TENANT}/entries/${entityId}` });
    expect(JSON.parse(read.text)).toMatchObject({ legs: [{ amount: 1 }, { amount: 1 }] });
  });

  it('that says base64 besides, in a header that HTTP does not have, is read as it is', async () => {
    const answer = await post(JSON.stringify(entry()), COMMANDS, {
      ...JSON_BODY,
      'content-transfer-encoding': 'base64',
    });
    expect(answer.status).toBe(202);
  });
});
