import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CopiedDigest,
  copyDigest,
  countDigests,
  readDigestCopies,
  readDigestCopy,
} from '../../src/views/digests/digest-copies.ts';
import { digestCountKey } from '../../src/views/keys.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { VIEWS_ENGINES, type ViewsEngine } from '../support/views.ts';

const digestOf = (number: number, tenant = 'CU_TEST'): CopiedDigest => ({
  tenant,
  number,
  statement: `{"number":${number}}`,
  signature: Buffer.from([number, 0, 255]),
  key: '0123456789abcdef',
  publicKey: '-----BEGIN PUBLIC KEY-----\n…',
  heads: [`${tenant}#chain#00 ${number} aa`],
  periods: [],
});
const numbersOf = ({ digests }: { digests: CopiedDigest[] }) => digests.map(({ number }) => number);

describe.each(Object.entries(VIEWS_ENGINES))('copies of digests on %s', (_, start) => {
  let engine: ViewsEngine;
  let views: ViewStore;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(async () => {
    views = await engine.fresh();
  });

  it('are read as they were written, one by one and by page, newest first, each tenant its own', async () => {
    expect(await countDigests(views, 'CU_TEST')).toBe(0);
    expect(await readDigestCopies(views, { tenantId: 'CU_TEST', limit: 10 })).toEqual({ count: 0, digests: [] });
    for (let number = 1; number <= 12; number += 1) await copyDigest(views, digestOf(number));
    await copyDigest(views, digestOf(1, 'CU_TEST_2'));

    expect(await readDigestCopy(views, 'CU_TEST', 11)).toEqual(digestOf(11));
    expect(await readDigestCopy(views, 'CU_TEST', 13)).toBeUndefined();
    expect(await readDigestCopy(views, 'CU_TEST_2', 1)).toEqual(digestOf(1, 'CU_TEST_2'));
    const first = await readDigestCopies(views, { tenantId: 'CU_TEST', limit: 5 });
    expect(first).toEqual({ count: 12, digests: [12, 11, 10, 9, 8].map((number) => digestOf(number)) });
    expect(numbersOf(await readDigestCopies(views, { tenantId: 'CU_TEST', before: 3, limit: 5 }))).toEqual([2, 1]);
    expect(numbersOf(await readDigestCopies(views, { tenantId: 'CU_TEST', before: 1, limit: 5 }))).toEqual([]);
    expect(numbersOf(await readDigestCopies(views, { tenantId: 'CU_TEST', before: 99, limit: 1 }))).toEqual([12]);
  });

  it('are written once: the same again changes nothing, another one is an error', async () => {
    await copyDigest(views, digestOf(1));
    await copyDigest(views, digestOf(1));
    await expect(copyDigest(views, { ...digestOf(1), key: 'f'.repeat(16) })).rejects.toThrow(
      'Cannot copy digest 1 of CU_TEST: another one stands under its number',
    );
    expect(await readDigestCopy(views, 'CU_TEST', 1)).toEqual(digestOf(1));
    await expect(copyDigest(views, digestOf(3))).rejects.toThrow('Cannot copy digest 3 of CU_TEST: 1 are copied');
    expect(await countDigests(views, 'CU_TEST')).toBe(1);
  });

  it('count from the first without gaps, also when a process ended between the copy and the count, or two copied at once', async () => {
    await copyDigest(views, digestOf(1));
    const failing: ViewStore = {
      ...views,
      get: (keys) => views.get(keys),
      advance: (request) =>
        request.key.sk === digestCountKey('CU_TEST').sk
          ? Promise.reject(new Error('The process ended'))
          : views.advance(request),
    };
    await expect(copyDigest(failing, digestOf(2))).rejects.toThrow('The process ended');
    expect(await countDigests(views, 'CU_TEST')).toBe(1);
    expect(numbersOf(await readDigestCopies(views, { tenantId: 'CU_TEST', limit: 9 }))).toEqual([1]);

    await Promise.all([copyDigest(views, digestOf(2)), copyDigest(views, digestOf(2))]);
    expect(await countDigests(views, 'CU_TEST')).toBe(2);
  });
});
