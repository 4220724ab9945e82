import { expect, it } from 'vitest';
import { createMemoryViews } from '../store/memory-views.ts';
import { createChainOutput } from './chain-output.ts';

it('stamps rows with the generation of the fence under which they are written, and reads none of before the last rebuild', async () => {
  const views = createMemoryViews();
  const key = (sk: string) => ({ pk: 'CU_TEST#account#a', sk });
  const output = createChainOutput(views, { generation: 0, rebuilt: 0 });
  await output.put([{ key: key('first'), doc: 1 }]);
  output.fence = { generation: 3, rebuilt: 2, taken: 1 };
  await output.put([{ key: key('second'), doc: 2 }]);
  expect((await views.raw(key('first')))?.generation).toBe(0);
  expect((await views.raw(key('second')))?.generation).toBe(3);
  expect(await output.get([key('second')])).toEqual([2]);
  await expect(output.get([key('first')])).rejects.toMatchObject({ code: 'STALE_ROW' });
});
