import { beforeAll, describe, expect, it } from 'vitest';
import type { ChainRef } from '../../src/core/chain/name.ts';
import type { Commit } from '../../src/journal/port.ts';
import { beginRebuild, rebuildTenant, type TenantRebuildOptions } from '../../src/views/rebuild/rebuild-tenant.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { commitsOf } from '../support/deliveries.ts';
import { catchUp, cleanRows, damaged, NOW, rebuildOptions, type Whole } from '../support/rebuilds.ts';

const TENANT = 'CU_TEST';
const RUN = `${NOW}-one`;

describe('a rebuild of which a step fails, and is asked for again as it is', () => {
  let journal: Whole;
  let ref: ChainRef;
  let own: Commit[];

  beforeAll(async () => {
    const month = await bankMonth({ members: 3, entries: 40 });
    journal = month.journal;
    ref = { tenantId: TENANT, chain: month.members[0]!.accountId.slice(4, 6) };
    own = (await commitsOf(journal, TENANT)).filter(({ chain }) => chain === ref.chain);
  });

  /** The journal after somebody has changed a commit's body, under hashes that are still the old ones. */
  const changed = (at: number, change: (body: string) => string): Whole =>
    damaged(
      journal,
      ref,
      (all) => all.map((commit, index) => (index === at ? { ...commit, body: change(commit.body) } : commit)),
      own,
    );
  const byte = (body: string): string => body.replace('"occurredAt":"2', '"occurredAt":"3');

  async function projected(): Promise<MemoryViews> {
    const store = createMemoryViews();
    await catchUp(journal, store);
    return store;
  }

  /** Does all steps, those that fail once more. */
  async function insisted(options: TenantRebuildOptions) {
    let state = await beginRebuild(options, { tenantId: TENANT, run: RUN });
    const failures: string[] = [];
    for (let done = false; !done;) {
      try {
        ({ done, state } = await rebuildTenant(options, { state, untilMs: Infinity }));
      } catch (error) {
        failures.push(String(error));
        if (failures.length > 1) throw error;
      }
    }
    return { state, failures };
  }

  /** Fails once, before something is done or after. */
  const once = (): (() => void) => {
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      throw new Error('No answer in time');
    };
  };
  const isShadowOf = (pk: string): boolean => pk.endsWith(`${RUN}#${ref.chain}`);

  /** The shadow's cursor cannot be moved beyond the changed commit, once. */
  const stuck = (store: MemoryViews): RebuildStore => {
    const fail = once();
    return {
      ...store,
      async advance(request) {
        if (isShadowOf(request.key.pk) && request.from >= own[1]!.lastSeq) fail();
        return store.advance(request);
      },
    };
  };
  /** The shadow's cursor moves, once without an answer. */
  const unheard = (store: MemoryViews): RebuildStore => {
    const fail = once();
    return {
      ...store,
      async advance(request) {
        const isMoved = await store.advance(request);
        if (isShadowOf(request.key.pk) && request.to.seq > request.from) fail();
        return isMoved;
      },
    };
  };

  it.each([
    ['the answer to the move of its cursor beyond the change was lost', unheard, {}],
    ['a later round failed', stuck, { roundMaxEvents: 1 }],
  ])('refuses a chain with a changed line where %s', async (_, failing, limits) => {
    const store = await projected();
    const { state, failures } = await insisted(rebuildOptions(changed(1, byte), failing(store), limits));
    expect(failures).toEqual(['Error: No answer in time']);
    const reason = expect.stringContaining(`event ${own[1]!.firstSeq} is another one now (Expected hash`) as string;
    expect(state).toMatchObject({ refused: [{ chain: ref.chain, reason }], rebuilt: 16, breaches: 1 });
    expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
  });

  it.each<[string, (body: string) => string]>([
    ['a changed line', byte],
    ['a commit that cannot be read', () => 'x'],
  ])('counts the breach of %s that the failed step had found', async (_, change) => {
    const store = createMemoryViews();
    const fail = once();
    const replace: MemoryViews['replace'] = async (request) => {
      if (request.to.key.sk === ref.chain) fail();
      return store.replace(request);
    };
    const of = changed(own.length - 1, change);
    const { state, failures } = await insisted(rebuildOptions(of, { ...store, replace }));
    expect(failures).toHaveLength(1);
    expect(state).toMatchObject({ refused: [], rebuilt: 17, breaches: 1 });
  });

  it('does not refuse rows that the failed step itself has made of a changed line', async () => {
    const store = createMemoryViews();
    const fail = once();
    const ring = async ({ chain }: ChainRef) => void (chain === ref.chain && fail());
    const { state, failures } = await insisted(rebuildOptions(changed(1, byte), store, { ring }));
    expect(failures).toHaveLength(1);
    expect(state).toMatchObject({ refused: [], rebuilt: 17, breaches: 1 });
  });

  it('refuses a line that was changed after the views had followed, while they were being rebuilt', async () => {
    const store = createMemoryViews();
    await catchUp(
      damaged(journal, ref, (all) => all.slice(0, 1), own),
      store,
    );
    const replace: MemoryViews['replace'] = async (request) => {
      if (request.to.key.sk === ref.chain) await catchUp(journal, store);
      return store.replace(request);
    };
    const { state } = await insisted(rebuildOptions(changed(1, byte), { ...store, replace }));
    const reason = expect.stringContaining(`event ${own[1]!.firstSeq} is another one now`) as string;
    expect(state.refused).toEqual([{ chain: ref.chain, reason }]);
    expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
  });
});
