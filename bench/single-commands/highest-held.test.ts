import { expect, test } from 'vitest';
import { highestHeld, highestHeldOf } from './highest-held.ts';

const search = async (limit: number) => {
  const tried: number[] = [];
  const held = await highestHeld({
    first: 500,
    most: 8_000,
    async holds(rate) {
      tried.push(rate);
      return rate <= limit;
    },
  });
  return { held, tried };
};

test.each([
  [2_600, 2_500, [500, 1_000, 2_000, 4_000, 3_000, 2_500, 2_750]],
  [8_000, 8_000, [500, 1_000, 2_000, 4_000, 8_000]],
  [300, 282, [500, 250, 375, 313, 282]],
  [70, 63, [500, 250, 125, 63, 94, 79, 71]],
  [0, 0, [500, 250, 125, 63]],
])('a limit of %d is found to be at least %d', async (limit, held, tried) => {
  expect(await search(limit)).toEqual({ held, tried });
});

test('each search of several begins near what the one before it found', async () => {
  const tried: number[] = [];
  const found = await highestHeldOf(3, {
    first: 500,
    most: 8_000,
    async holds(rate) {
      tried.push(rate);
      return rate <= 2_600;
    },
  });
  expect(found).toEqual([2_500, 2_407, 2_528]);
  expect(tried.slice(7, 12)).toEqual([1_750, 3_500, 2_625, 2_188, 2_407]);
});
