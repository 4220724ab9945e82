import { chainsOf } from '../../src/core/chain/name.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { chunksOf } from '../../src/views/in-parallel.ts';
import { createChainProjector } from '../../src/views/projection/chain-projector.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import { createQueries } from '../../src/views/queries/queries.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { withSharedPuts } from '../../src/views/store/shared-puts.ts';
import { TENANT } from '../support/bank.ts';
import type { Figure, GrowthDetails } from '../support/bench.ts';
import { medianOf } from '../support/statistics.ts';
import { openBank, refOf } from './bank.ts';
import { type Store, VIEWS_TABLE } from './store.ts';

const ROWS = 100;
const ROUNDS = 9;
const PARALLEL_CHAINS = 4;
const QUERIES_A_ROUND = 8;

/** Latency of the lists of members and of accounts, from their beginnings to their ends. */
export async function measureLists(
  store: Store,
  options: { members: number },
): Promise<{ figures: Figure[]; lists: GrowthDetails['lists'] }> {
  const { members } = options;
  const journal = createMemoryJournal();
  await openBank(journal, { accounts: members });
  const views = createDynamoViews({ client: store.connect(), tableName: VIEWS_TABLE });
  const projector = createChainProjector({
    journal,
    store: withSharedPuts(views),
    sha256,
    monitor: {
      projected: () => undefined,
      breach: (breach) => {
        throw new Error(`The projection found a breach: ${JSON.stringify(breach)}`);
      },
    },
    now: Date.now,
  });
  for (const chains of chunksOf(chainsOf(16), PARALLEL_CHAINS)) {
    const doorbells = chains.map((chain) => ({ recordId: chain, ref: refOf(chain) }));
    const [failure] = await projectBatch(doorbells, projector);
    if (failure) throw new Error(`Cannot project chain ${failure.recordId}`, { cause: failure.error });
  }

  const queries = createQueries({ dataOf: () => ({ journal, views }), sha256 });
  const figures: Figure[] = [];
  const lists: GrowthDetails['lists'] = [];
  for (const list of ['listCustomers', 'listAccounts'] as const) {
    const offsets = [0, members / 10, members / 2, members - ROWS];
    const timesOf = new Map(offsets.map((offset) => [offset, [] as number[]]));
    for (let round = 0; round < ROUNDS + 1; round += 1) {
      for (const offset of offsets) {
        const times: number[] = [];
        for (let query = 0; query < QUERIES_A_ROUND; query += 1) {
          const startedMs = performance.now();
          const answer = await queries.answer(list, { tenantId: TENANT, limit: ROWS, offset });
          times.push(performance.now() - startedMs);
          if (answer.outcome !== 'found' || answer.body.total !== members) throw new Error(`Cannot read ${list}`);
        }
        if (round > 0) timesOf.get(offset)?.push(medianOf(times)); // the first round compiles
      }
    }
    const what = list === 'listCustomers' ? 'members' : 'accounts';
    const [first = [], ...others] = timesOf.values();
    for (const [offset, samples] of timesOf) {
      lists.push({ list: what, offset, milliseconds: samples });
      figures.push({
        name: `list of ${what}, 100 from ${offset}`,
        unit: 'ms',
        samples,
        method: `A query for ${ROWS} of ${members} ${what}, rows in the embedded engine; medians of ${QUERIES_A_ROUND} queries, offsets in turns`,
      });
    }
    figures.push({
      name: `list of ${what}, latest offset compared with the first`,
      unit: 'times as long',
      samples: first.map((time, round) => (others.at(-1)?.[round] ?? 0) / time),
      method: `The same queries: offset ${members - ROWS} by offset 0`,
      target: { atMost: 1.5 },
    });
  }
  return { figures, lists };
}
