import { expect, it } from 'vitest';
import type { ViewStore } from '../port.ts';
import type { Row } from '../row.ts';
import { createMemoryViews } from '../store/memory-views.ts';
import { createChainOutput } from './chain-output.ts';

const row = (sk: string, doc: unknown): Row => ({ key: { pk: 'CU_TEST#account#a', sk }, doc });

function recorded() {
  const views = createMemoryViews();
  const puts: (readonly Row[])[] = [];
  const store: ViewStore = {
    ...views,
    async put(rows) {
      puts.push(rows);
      await views.put(rows);
    },
  };
  return { views, puts, store };
}

it('writes again what was written since the cursor was moved, in the same order, under the fence of then', async () => {
  const { views, puts, store } = recorded();
  const output = createChainOutput(store, { generation: 0, rebuilt: 0 });
  await output.put([row('before', 0)]);
  output.moved();
  expect(output.hasWritten).toBe(false);
  await output.put([row('page', 1)]);
  await output.put([]);
  await output.put([row('account', 1), row('other', 1)]);
  await output.put([row('account', 2)]);
  expect(output.hasWritten).toBe(true);

  // Somebody who was late puts his rows there, and another has had the chain in hand.
  await views.put([row('page', 'old'), row('account', 'old'), row('before', 'newer')]);
  puts.length = 0;
  output.fence = { generation: 3, rebuilt: 2 };
  await output.again();
  expect(puts.map((rows) => rows.map(({ key, doc, generation }) => [key.sk, doc, generation]))).toEqual([
    [['page', 1, 3]],
    [
      ['account', 1, 3],
      ['other', 1, 3],
    ],
    [['account', 2, 3]],
  ]);
  expect(views.dump()).toEqual({
    'CU_TEST#account#a account': 2,
    'CU_TEST#account#a before': 'newer',
    'CU_TEST#account#a other': 1,
    'CU_TEST#account#a page': 1,
  });
  // What was written again is still not covered by a cursor.
  await output.again();
  expect(puts).toHaveLength(6);
  output.moved();
  await output.again();
  expect(puts).toHaveLength(6);
});

it('counts rows as written that may have been, for an answer can be lost', async () => {
  const { views } = recorded();
  const output = createChainOutput(
    { ...views, put: () => Promise.reject(new Error('no answer')) },
    { generation: 0, rebuilt: 0 },
  );
  await expect(output.put([row('account', 1)])).rejects.toThrow('no answer');
  expect(output.hasWritten).toBe(true);
});
