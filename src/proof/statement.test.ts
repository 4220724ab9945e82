import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDigest, encodeDigest } from './digest-document.ts';
import { createKeySigner, keyIdOf, makePrivateKey, PublicKeys } from './keys.ts';
import { createMemoryDigests } from './memory-store.ts';
import { headText, parseHeads, parsePeriod, parseStatement, periodText, statementText } from './statement.ts';

const HASH = 'ab'.repeat(32);
const STATEMENT = {
  tenant: 'CU_TEST',
  number: 12,
  at: '2026-01-01T00:00:00.000Z',
  previous: HASH,
  heads: HASH,
  events: HASH,
};
const TEXT = `{"format":"turingcore-digest/1","tenant":"CU_TEST","number":12,"at":"2026-01-01T00:00:00.000Z","previous":"${HASH}","heads":"${HASH}","events":"${HASH}"}`;

describe('a statement', () => {
  it('has one text', () => {
    expect(statementText(STATEMENT)).toBe(TEXT);
    expect(parseStatement(TEXT)).toEqual(STATEMENT);
    const first = { ...STATEMENT, number: 1, previous: null };
    expect(parseStatement(statementText(first))).toEqual(first);
  });

  it('is not read from any other text', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, change) => {
        const text = TEXT.slice(0, at) + change + TEXT.slice(at + 1);
        const read = parseStatement(text);
        if (read) expect(statementText(read)).toBe(text);
      }),
    );
    for (const text of [` ${TEXT}`, `${TEXT}\n`, TEXT.replace('12', '012'), TEXT.replace('"CU_', '"cu_'), ''])
      expect(parseStatement(text)).toBeUndefined();
    expect(() => statementText({ ...STATEMENT, number: 0 })).toThrow(RangeError);
    expect(() => statementText({ ...STATEMENT, at: 'today' })).toThrow(RangeError);
  });

  it('has leaves of its tenant, in order', () => {
    const heads = ['00', '01', 'catalog'].map((chain) => ({ chain, seq: 3, hash: HASH }));
    const texts = heads.map((head) => headText('CU_TEST', head));
    expect(texts[1]).toBe(`CU_TEST#chain#01 3 ${HASH}`);
    expect(parseHeads('CU_TEST', texts)).toEqual(heads);
    expect(parseHeads('CU_OTHER', texts)).toBeUndefined();
    expect(parseHeads('CU_TEST', texts.toReversed())).toBeUndefined();
    expect(parseHeads('CU_TEST', texts.slice(0, 2))).toBeUndefined();
    expect(parseHeads('CU_TEST', [])).toBeUndefined();
    const period = { chain: '01', from: 2, to: 3, root: HASH };
    expect(parsePeriod('CU_TEST', periodText('CU_TEST', period))).toEqual(period);
    expect(parsePeriod('CU_OTHER', periodText('CU_TEST', period))).toBeUndefined();
    expect(parsePeriod('CU_TEST', texts[0]!)).toBeUndefined();
  });
});

describe('a digest', () => {
  const digest = {
    tenant: 'CU_TEST',
    number: 1,
    statement: statementText({ ...STATEMENT, number: 1, previous: null }),
    signature: Buffer.from([48, 1]),
    key: 'abcd',
    heads: ['a'],
    periods: [],
  };

  it('is kept as a document', () => {
    expect(decodeDigest(encodeDigest(digest))).toEqual(digest);
    for (const text of ['{}', '{"statement":"x"}', 'null', encodeDigest(digest).replace('["a"]', '[1]')])
      expect(() => decodeDigest(text)).toThrow(/.*/);
  });

  it('is never changed in the store', async () => {
    const store = createMemoryDigests();
    expect(await store.latest('CU_TEST')).toBeUndefined();
    expect(await store.put(digest)).toBe('stored');
    expect(await store.put({ ...digest, heads: ['b'] })).toBe('exists');
    expect(await store.get('CU_TEST', 1)).toEqual(digest);
    await expect(store.put({ ...digest, number: 3 })).rejects.toThrow(RangeError);
  });
});

describe('keys', () => {
  it('sign and are known by their ids', async () => {
    const [signer, other] = [createKeySigner(makePrivateKey()), createKeySigner(makePrivateKey())];
    const signature = await signer.sign(Buffer.from('text'));
    const pems = [await other.publicKeyPem(), await signer.publicKeyPem()];
    expect(new PublicKeys(pems).signed('text', signature)).toBe(true);
    expect(new PublicKeys(pems.slice(0, 1)).signed('text', signature)).toBe(false);
    expect(new PublicKeys(pems).signed('text', Buffer.alloc(0))).toBe(false);
    expect(new PublicKeys(pems).ids).toEqual(pems.map(keyIdOf));
    expect(keyIdOf(pems[0]!)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('are those of ECDSA on P-256 only', () => {
    expect(() => new PublicKeys(['no key'])).toThrow(/.*/);
  });
});
