import { expect, it } from 'vitest';
import { sha256 } from '../../journal/sha256.ts';
import { ChainCache } from './chain-cache.ts';
import { ChainRows } from './chain-rows.ts';
import { initialCursor } from './cursor.ts';
import type { FencedCursor } from './fence.ts';

const ref = { tenantId: 'CU_TEST', chain: '00' };
const cursorAt = (seq: number, generation = 0): FencedCursor => ({
  ...initialCursor(ref, sha256),
  seq,
  ...(generation > 0 && { fence: { generation, rebuilt: 0 } }),
});

/** A cache with the rows of a chain as they are at a cursor. */
function cached(cursor: FencedCursor, cache = new ChainCache()) {
  const rows = new ChainRows(ref, cursor);
  cache.put(rows, cursor);
  return { cache, rows };
}

it('gives the rows back where the cursor is as it was left', () => {
  const { cache, rows } = cached(cursorAt(5, 2));
  expect(cache.take(ref, cursorAt(5, 2))).toBe(rows);
});

it.each([
  ['the cursor stands elsewhere', cursorAt(6, 2)],
  ['somebody else has had the rows in hand, though the cursor stands where it did', cursorAt(5, 3)],
  ['nobody knows any more who has', cursorAt(5)],
])('forgets the rows where %s', (_, cursor) => {
  const { cache, rows } = cached(cursorAt(5, 2));
  const taken = cache.take(ref, cursor);
  expect(taken).not.toBe(rows);
  expect(taken.cursor).toBe(cursor);
  // And for good.
  expect(cache.take(ref, cursorAt(5, 2))).not.toBe(rows);
});

it('gives the rows to one at a time', () => {
  const { cache, rows } = cached(cursorAt(5));
  expect(cache.take(ref, cursorAt(5))).toBe(rows);
  expect(cache.take(ref, cursorAt(5))).not.toBe(rows);
});

it('drops the chains that were used longest ago', () => {
  const cache = new ChainCache(3);
  const kept = ['01', '02', '03'].map((chain) => {
    const rows = new ChainRows({ ...ref, chain }, cursorAt(1));
    rows.accounts.begin(`acc_${chain}_a`);
    rows.accounts.begin(`acc_${chain}_b`);
    cache.put(rows, cursorAt(1));
    return rows;
  });
  const taken = kept.map((rows) => cache.take(rows.ref, cursorAt(1)) === rows);
  expect(taken).toEqual([false, false, true]);
});
