import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Journal } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { cursorKey, statementPageKey } from '../../src/views/keys.ts';
import type { AccountRow } from '../../src/views/accounts/account-row.ts';
import { STATEMENT_PAGE_REFERENCES } from '../../src/views/accounts/statement.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { leaveDoubt } from '../../src/views/projection/doubt.ts';
import { type FencedCursor, fenceOf } from '../../src/views/projection/fence.ts';
import { holdChain } from '../../src/views/rebuild/hold.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import { rebuildChain } from '../../src/views/rebuild/rebuild-chain.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { commitsOfDrafts, customer, entry, opened } from '../support/commits.ts';
import { projectChain, projectorOn } from '../support/deliveries.ts';
import { NOW, rebuildOptions } from '../support/rebuilds.ts';

const ref = { tenantId: 'CU_TEST', chain: '00' };
/** More than a rebuild writes between two looks at the clock, several times over. */
const ACCOUNTS = 450;
const ENTRIES = 2 * STATEMENT_PAGE_REFERENCES;
const HOLD_MS = 120_000;
const RENEWED_AFTER_MS = 30_000;
const ONE = `${NOW}-one`;
const TWO = `${NOW}-two`;

/** A chain with many accounts, of which the first has pages of a statement: so a rebuild copies them at the same time as its row. */
async function longChain(): Promise<Journal> {
  const journal = createMemoryJournal();
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => opened(`acc_00_${index}`));
  const entries = Array.from({ length: ENTRIES }, (_, index) =>
    entry(`ent_00_${index}`, [
      { accountId: 'GL_CASH', deltaMinor: -1, balanceMinor: -index - 1 },
      { accountId: 'acc_00_0', deltaMinor: 1, balanceMinor: index + 1 },
    ]),
  );
  await journal.append({ commits: commitsOfDrafts(ref, [[customer()], accounts, ...entries]), reservations: [] });
  return journal;
}

describe('the hold on a chain', () => {
  let journal: Journal;
  let store: MemoryViews;
  let nowMs: number;
  const now = () => nowMs;
  const hold = (run: string, of: RebuildStore = store) => holdChain({ store: of, sha256, now }, { ref, run });
  const stored = async () => {
    const [cursor]: (FencedCursor | undefined)[] = await store.get([cursorKey(ref)]);
    if (!cursor) throw new Error('Expected a cursor');
    return { cursor, fence: fenceOf(cursor) };
  };

  beforeEach(async () => {
    journal = await longChain();
    store = createMemoryViews();
    nowMs = NOW;
    await projectChain(projectorOn(journal, store), { ref });
  });

  it('is refused as long as another rebuild has it, and taken from one whose time is over', async () => {
    const first = await hold(ONE);
    expect(first).toMatchObject({ generation: 1, isRenewed: false });
    nowMs += HOLD_MS - 1;
    const { fence } = await stored();
    expect(await hold(TWO)).toBeUndefined();
    expect((await stored()).fence).toEqual(fence);
    nowMs += 1;
    expect(await hold(TWO)).toMatchObject({ generation: 2, isRenewed: false });
    // The first one has nothing to say any more.
    expect(await first?.keep()).toBe(false);
    expect(await first?.release((await stored()).cursor)).toBe(false);
    await first?.giveUp();
    expect((await stored()).fence).toMatchObject({ generation: 2, held: { run: TWO } });
  });

  it('is not waited for where a clock that was far ahead has set its end', async () => {
    expect(await hold(ONE)).toBeDefined();
    const { seq } = (await stored()).cursor;
    nowMs -= 3_600_000;
    expect(await hold(TWO)).toMatchObject({ generation: 2, seq });
    nowMs += 50_000;
    expect(await hold(ONE)).toBeUndefined();
    nowMs -= 100_000; // as another machine may have it
    expect(await hold(ONE)).toBeUndefined();
  });

  it('is renewed by the same rebuild under the same generation, unless rows are in doubt or others had them since', async () => {
    await hold(ONE);
    nowMs += 10;
    expect(await hold(ONE)).toMatchObject({ generation: 1, isRenewed: true });
    await leaveDoubt({ store, sha256 }, ref);
    expect(await hold(ONE)).toMatchObject({ generation: 2, isRenewed: false });
    nowMs += HOLD_MS;
    expect(await hold(ONE)).toMatchObject({ generation: 2, isRenewed: true });
    await (await hold(ONE))?.giveUp();
    expect(await hold(ONE)).toMatchObject({ generation: 4, isRenewed: false });
  });

  it('is kept by being renewed in time, and not before it is time', async () => {
    const held = await hold(ONE);
    let writes = 0;
    const replace = store.replace.bind(store);
    store.replace = async (request) => {
      writes += 1;
      return replace(request);
    };
    nowMs += RENEWED_AFTER_MS - 1;
    expect(await held?.keep()).toBe(true);
    expect(writes).toBe(0);
    for (let times = 1; times <= 10; times += 1) {
      nowMs += RENEWED_AFTER_MS;
      expect(await held?.keep()).toBe(true);
      expect((await stored()).fence).toEqual({
        generation: 1,
        rebuilt: 0,
        held: { run: ONE, untilMs: nowMs + HOLD_MS },
      });
      expect(await hold(TWO)).toBeUndefined();
    }
    expect(writes).toBe(10);
    nowMs += RENEWED_AFTER_MS;
    await leaveDoubt({ store, sha256 }, ref);
    expect(await held?.keep()).toBe(false);
  });

  it('lasts as long as rows are being written, and projections leave the chain alone', async () => {
    const projector = projectorOn(journal, store, { now });
    let copies = 0;
    const slow: RebuildStore = {
      ...store,
      async put(rows) {
        if (rows.every(({ key }) => !key.pk.includes('#rebuild#'))) {
          copies += 1;
          nowMs += 40_000;
          const { cursor } = await stored();
          // It has a reason to take the chain: there is more than the cursor says.
          const left = await projector.project({ ref, images: [], target: cursor.seq + 1, cursor });
          expect(fenceOf(left).held?.run).toBe(ONE);
        }
        await store.put(rows);
      },
    };
    const step = { ref, run: ONE, untilMs: Infinity };
    expect(await rebuildChain(rebuildOptions(journal, slow, { now }), step)).toMatchObject({
      done: true,
      generation: 1,
    });
    expect(copies * 40_000).toBeGreaterThan(HOLD_MS);
    expect((await stored()).fence).toEqual({ generation: 1, rebuilt: 1 });
  });
});

/** A store that refuses a row of an account before all pages of its statement are there, which the row takes for granted. */
function inOrder<Store extends ViewStore>(store: Store, seen: { pages: number }): Store {
  return {
    ...store,
    async put(rows) {
      for (const { key, doc } of rows) {
        if (key.sk !== 'account') continue;
        const { accountId, eventCount } = doc as AccountRow; // its key says so
        for (let page = 0; page < Math.floor(eventCount / STATEMENT_PAGE_REFERENCES); page += 1) {
          const [there] = await store.get([statementPageKey({ tenantId: ref.tenantId, accountId, page })]);
          if (!there) throw new Error(`Page ${page} of ${accountId} is missing`);
          seen.pages += 1;
        }
      }
      await store.put(rows);
    },
  };
}

it('pages of a statement are written before the rows that take them for granted, by projections and by rebuilds', async () => {
  const journal = await longChain();
  const seen = { pages: 0 };
  const projected = createMemoryViews();
  await projectChain(projectorOn(journal, inOrder(projected, seen)), { ref });
  expect(seen.pages).toBeGreaterThan(1);
  seen.pages = 0;
  const rebuilt = createMemoryViews();
  const step = { ref, run: ONE, untilMs: Infinity };
  expect(await rebuildChain(rebuildOptions(journal, inOrder(rebuilt, seen)), step)).toMatchObject({ done: true });
  expect(seen.pages).toBeGreaterThan(1);
  const rows = Object.entries(rebuilt.dump()).filter(([key]) => !key.includes('#rebuild#'));
  expect(Object.fromEntries(rows)).toEqual(projected.dump());
});
