import { expect, it } from 'vitest';
import { fullChainName } from '../../src/core/chain/name.ts';
import type { Commit } from '../../src/journal/port.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { type Doorbell, projectBatch } from '../../src/views/projection/project-batch.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { withSharedPuts } from '../../src/views/store/shared-puts.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { bankMonth } from '../support/bank-month.ts';
import { commitsOf, doorbellOf, projectorOn } from '../support/deliveries.ts';

const TENANT = 'CU_TEST';
/** A chain with members of its own, which the month makes sure of. */
const FAILING = '00';

it('holds up no other chain: each delivery brings the others up to date, and those that are cost nothing', async () => {
  const { journal } = await bankMonth({ members: 40, entries: 200 });
  const commits = await commitsOf(journal, TENANT);
  const store = createMemoryViews();
  const puts: string[] = [];
  let reads = 0;
  const broken: ViewStore = {
    ...store,
    get: (keys) => {
      reads += 1;
      return store.get(keys);
    },
    put: async (rows) => {
      if (rows.some(({ key }) => key.pk.includes(`_${FAILING}_`))) throw new Error('The row is too large');
      puts.push(...rows.map(({ key }) => key.pk));
      return store.put(rows);
    },
  };
  const projector = projectorOn(journal, withSharedPuts(broken));
  const deliver = async (rings: readonly Doorbell[]) =>
    (await projectBatch(rings, projector)).map(({ recordId }) => recordId);
  const lagging = async () => (await findLaggingChains({ journal, views: store })).map(fullChainName);

  // The failing chain comes first, then the first half of each other; the rest comes while these are delivered again.
  const chains = Map.groupBy(commits, ({ chain }) => chain);
  const failing = (chains.get(FAILING) ?? []).map((commit) => doorbellOf(commit));
  chains.delete(FAILING);
  const partsOf = (part: (own: Commit[], half: number) => Commit[]): Doorbell[] =>
    [...chains.values()].flatMap((own) => part(own, Math.ceil(own.length / 2))).map((commit) => doorbellOf(commit));
  const first = [...failing, ...partsOf((own, half) => own.slice(0, half))];
  const later = partsOf((own, half) => own.slice(half));
  const behind = new Set([...failing, ...later].map(({ ref }) => fullChainName(ref)));

  expect(await deliver(first)).toEqual([failing[0]?.recordId]);
  expect(new Set(await lagging())).toEqual(behind);

  // The stream gives all records again from the failed one on.
  puts.length = 0;
  reads = 0;
  expect(await deliver(first)).toEqual([failing[0]?.recordId]);
  expect(puts).toEqual([]);
  // The cursors of all chains at once, and that of the one that fails again: whether somebody else has moved it meanwhile. Of
  // its rows none is read, since they all begin with these records.
  expect(reads).toBe(2);

  expect(await deliver([...first, ...later])).toEqual([failing[0]?.recordId]);
  expect(await lagging()).toEqual([`${TENANT}#chain#${FAILING}`]);
});
