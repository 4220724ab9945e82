import { expect, test } from 'vitest';
import { itemBytes } from './stored.ts';

test.each([
  [{ pk: { S: 'abc' } }, 5],
  [{ é: { S: 'é😀' } }, 8],
  [{ n: { N: '123' } }, 4],
  [{ n: { N: '-1.5' } }, 3],
  [{ b: { B: Buffer.from([1, 2, 3, 4]).toString('base64') }, s: { S: '' } }, 6],
])('%j takes %d bytes', (item, bytes) => {
  expect(itemBytes(item)).toBe(bytes);
});
