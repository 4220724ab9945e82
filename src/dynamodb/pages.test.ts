import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_PAGE_ITEMS, pagesOf, type PageStart } from './pages.ts';
import type { Item, Page } from './wire.ts';

const PAGE_BYTES = 1_000_000;

/** Answers as DynamoDB does, about items of these sizes: a page ends with the item that reaches the limit or 1 MB. */
function tableOf(sizes: readonly number[], { isKept = () => true }: { isKept?: (n: number) => boolean } = {}) {
  const asked: PageStart[] = [];
  const send = async (start: PageStart): Promise<Page> => {
    asked.push(start);
    const from = start.ExclusiveStartKey ? Number(start.ExclusiveStartKey['n']?.N) + 1 : 0;
    let end = from;
    for (let bytes = 0; end < sizes.length && end - from < start.Limit && bytes < PAGE_BYTES; end += 1)
      bytes += sizes[end] ?? 0;
    const items = sizes.slice(from, end).map((_, index): Item => ({ n: { N: String(from + index) } }));
    return {
      Items: items.filter(({ n }) => isKept(Number(n?.N))),
      ScannedCount: items.length,
      ...(end < sizes.length && { LastEvaluatedKey: { n: { N: String(end - 1) } } }),
    };
  };
  return { send, asked };
}

const numbers = (page: readonly Item[]) => page.map(({ n }) => Number(n?.N));

it('reads every item once and in order, whatever their sizes, and those that a filter keeps', async () => {
  const size = fc.oneof(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 1_000, max: 400_000 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { maxLength: 3_000, size: 'max' }),
      fc.integer({ min: 1, max: 5 }),
      async (sizes, every) => {
        const isKept = (n: number) => n % every === 0;
        const { send } = tableOf(sizes, { isKept });
        const pages = await Array.fromAsync(pagesOf(send), numbers);
        expect(pages.flat()).toEqual([...sizes.keys()].filter(isKept));
      },
    ),
    { numRuns: 50 },
  );
});

it.each([
  ['small items', 100],
  ['commits', 20_000],
  ['the largest', 400_000],
])('asks for little more than a page holds, and not for many more pages: %s', async (_, bytes) => {
  const sizes = Array.from({ length: 60_000_000 / bytes }, () => bytes);
  const { send, asked } = tableOf(sizes);
  await Array.fromAsync(pagesOf(send));
  const fewest = Math.ceil(60_000_000 / PAGE_BYTES);
  expect(asked.length).toBeLessThan(fewest * 1.2 + 6);
  const held = Math.ceil(PAGE_BYTES / bytes);
  for (const { Limit } of asked.slice(1)) expect(Limit).toBeLessThanOrEqual(Math.max(2 * held, 2 * FIRST_PAGE_ITEMS));
});

it('asks for a page while the one before is worked on, and for no more', async () => {
  const { send, asked } = tableOf(Array.from({ length: 2_000 }, () => 20));
  for await (const _ of pagesOf(send)) break;
  expect(asked).toHaveLength(2);
});

it('whoever stops reading early hears nothing of the page that was asked for ahead, though it fails', async () => {
  const { send } = tableOf(Array.from({ length: 2_000 }, () => 20));
  const unhandled: unknown[] = [];
  const take = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', take);
  const failing = (start: PageStart) =>
    start.ExclusiveStartKey ? Promise.reject(new Error('The table is gone')) : send(start);
  for await (const page of pagesOf(failing)) {
    expect(page).toHaveLength(FIRST_PAGE_ITEMS);
    break;
  }
  // Rejections are told once all that was ready to run has run.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', take);
  expect(unhandled).toEqual([]);
  // Who reads on hears of it.
  await expect(Array.fromAsync(pagesOf(failing))).rejects.toThrow('The table is gone');
});

it('asks for ten thousand items at most, however small they are and however few a filter keeps', async () => {
  const { send, asked } = tableOf(
    Array.from({ length: 60_000 }, () => 1),
    { isKept: () => false },
  );
  await Array.fromAsync(pagesOf(send));
  expect(Math.max(...asked.map(({ Limit }) => Limit))).toBe(10_000);
});
