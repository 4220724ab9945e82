import { isDeepStrictEqual } from 'node:util';
import { type ChainRef, fullChainName, parseChainName } from '../../../src/core/chain/name.ts';
import { commitOfItem } from '../../../src/journal/items.ts';
import type { Commit, Journal } from '../../../src/journal/port.ts';
import { sha256 } from '../../../src/journal/sha256.ts';
import { createChainProjector } from '../../../src/views/projection/chain-projector.ts';
import { createMemoryViews } from '../../../src/views/store/memory-views.ts';
import { JOURNAL, type Engine, VIEWS } from '../system/engine.ts';
import type { World } from '../system/world.ts';
import { fail } from './fail.ts';
import type { ModelBank } from './model.ts';

/** The views are what a projection makes of the journal that meets no fault, row by row, and have the model's balances. */
export async function checkViews(world: World, banks: ReadonlyMap<string, ModelBank>): Promise<void> {
  const { engine } = world;
  const views = new Map(
    engine.tables[VIEWS].all().map(({ item }): [string, string] => [
      `${item['pk']?.S} ${item['sk']?.S}`,
      item['doc']?.S ?? 'null',
    ]),
  );
  // What a rebuild that was broken off has left is for the next one.
  for (const key of views.keys()) if (key.includes('#rebuild#')) views.delete(key);
  const fresh = new Map(Object.entries(await projectAfresh(engine)));
  for (const key of new Set([...fresh.keys(), ...views.keys()])) {
    const text = views.get(key);
    if (text !== undefined && text === JSON.stringify(fresh.get(key))) continue;
    const [is, should] = [text && JSON.parse(text), fresh.get(key)];
    if (!isDeepStrictEqual(is, should))
      fail(`View row ${key} is ${JSON.stringify(is)}, a fresh projection says ${JSON.stringify(should)}`);
  }
  for (const [tenantId, { accounts }] of banks) {
    for (const [id, { balance }] of accounts) {
      const text = views.get(`${tenantId}#account#${id} account`) ?? 'null';
      const row = JSON.parse(text) as { balanceMinor?: number } | null;
      if (row?.balanceMinor !== balance)
        fail(`The views say that ${id} has ${row?.balanceMinor}, the model says ${balance}`);
    }
  }
}

async function projectAfresh(engine: Engine): Promise<Record<string, unknown>> {
  const chains = new Map<string, Commit[]>();
  for (const { item } of engine.tables[JOURNAL].all()) {
    const pk = item['pk']?.S ?? '';
    if (!parseChainName(pk)) continue;
    const commits = chains.get(pk) ?? [];
    commits.push(commitOfItem(item));
    chains.set(pk, commits);
  }
  const commitsOf = (ref: ChainRef): Commit[] => chains.get(fullChainName(ref)) ?? [];
  const journal: Journal = {
    append: () => Promise.reject(new Error('This journal is only read')),
    async *read(ref, { afterSeq }) {
      yield* commitsOf(ref).filter(({ firstSeq }) => firstSeq > afterSeq);
    },
    commitAt: async () => undefined,
    taken: async () => [],
    lastCommit: async (ref) => commitsOf(ref).at(-1),
  };
  const store = createMemoryViews();
  const monitor = { projected: () => undefined, breach: () => fail('A fresh projection reports a breach') };
  const projector = createChainProjector({ journal, store, sha256, monitor, now: () => 0 });
  for (const pk of chains.keys()) {
    const ref = parseChainName(pk);
    if (!ref) continue;
    for (const cursor of await projector.cursorsOf([ref]))
      await projector.project({ ref, images: [], target: Infinity, cursor });
  }
  return store.dump();
}
