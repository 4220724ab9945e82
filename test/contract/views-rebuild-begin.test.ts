import { expect, it } from 'vitest';
import { rebuildStep } from '../../lambdas/sweep/rebuild.ts';
import { rebuildAll } from '../../src/cli/rebuild/run-rebuild.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { catchUp, NOW, rebuildOptions } from '../support/rebuilds.ts';

it('a rebuild does not begin with a chain to discard that the tenant does not have', async () => {
  const { journal } = await bankMonth({ members: 2, entries: 4 });
  const store = createMemoryViews();
  await catchUp(journal, store);
  const before = store.dump();
  const options = { ...rebuildOptions(journal, store), registry: journal, unique: () => 'one' };
  const invoke = async (_: string, event: unknown): Promise<unknown> => rebuildStep(event, options);
  const stream = { write: () => undefined };
  const context = { terminal: createTerminal({ stdout: stream, stderr: stream, env: {} }), now: () => NOW };
  const stop = new AbortController().signal;
  const asked = (discard: string[]) => rebuildAll(invoke, { tenantId: 'CU_TEST', discard }, { ...context, stop });

  await expect(asked(['07', '99'])).rejects.toMatchObject({
    message: 'Cannot rebuild the views of tenant "CU_TEST": it has no chain 99, but 00 to 15 and catalog',
    exitCode: 2,
  });
  expect(store.dump()).toEqual(before);
  expect(await asked(['15', 'catalog'])).toBe(0);
});
