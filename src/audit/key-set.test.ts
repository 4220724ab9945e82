import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KeySet } from './key-set.ts';

describe('a set of keys', () => {
  test('knows each key once, however many there are', () => {
    const keys = Array.from({ length: 5_000 }, (_, index) =>
      createHash('sha256').update(`${index}`).digest('hex').slice(0, 32),
    );
    const set = new KeySet();
    expect(keys.every((key) => set.add(key))).toBe(true);
    expect(keys.some((key) => set.add(key))).toBe(false);
  });

  test('tells keys apart that share their place, differ in one digit or are zero', () => {
    const set = new KeySet();
    const keys = [
      '0'.repeat(32),
      ...Array.from({ length: 32 }, (_, at) => `${'0'.repeat(at)}1${'0'.repeat(31 - at)}`),
      'f'.repeat(32),
    ];
    expect(keys.map((key) => set.add(key))).toEqual(keys.map(() => true));
    expect(keys.map((key) => set.add(key))).toEqual(keys.map(() => false));
  });
});
