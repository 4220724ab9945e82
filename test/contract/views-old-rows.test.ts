import { describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { type Journal, JournalUnavailableError } from '../../src/journal/port.ts';
import { accountKey, cursorKey, ledgerKey } from '../../src/views/keys.ts';
import { type FencedCursor, fenceOf } from '../../src/views/projection/fence.ts';
import { rebuildChain } from '../../src/views/rebuild/rebuild-chain.ts';
import type { RowKey } from '../../src/views/row.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { commitsOfDrafts, customer, type Draft, entry, opened } from '../support/commits.ts';
import { createWitness, projectChain, projectorOn } from '../support/deliveries.ts';
import { NOW, rebuildOptions } from '../support/rebuilds.ts';

const ref = { tenantId: 'CU_TEST', chain: '00' };
const account = 'acc_00_a';
const accountRow = accountKey(ref.tenantId, account);
const ledgerRow = ledgerKey(ref, 0);
/** More lines than the cursor holds: the last ones stand on a row of their own. */
const LINES = 20;
const RARE = 'GL_18';
const OTHER = 'GL_19';

/** Money from one balance of the chain to another, told as the ledger would tell it. */
class Bank {
  readonly #balances = new Map<string, number>();
  readonly commits: Draft[][] = [[customer(), opened(account)]];

  constructor() {
    for (let line = 0; line < LINES; line += 1) this.move(`GL_${line}`, account, 100);
  }

  move(from: string, to: string, amountMinor: number, more: { off?: number } = {}): this {
    const change = (accountId: string, deltaMinor: number, off = 0) => {
      const balanceMinor = (this.#balances.get(accountId) ?? 0) + deltaMinor + off;
      this.#balances.set(accountId, balanceMinor);
      return { accountId, deltaMinor, balanceMinor };
    };
    const entryId = `ent_00_${this.commits.length}`;
    this.commits.push(entry(entryId, [change(from, -amountMinor, more.off), change(to, amountMinor)]));
    return this;
  }

  close(): this {
    this.commits.push([
      { type: 'AccountClosed', entityId: account, payload: { entryId: `ent_00_${this.commits.length - 1}` } },
    ]);
    return this;
  }
}

/**
 * Projects a chain up to one commit, then up to another, and puts back a row as it stood in between: as somebody does who was
 * given up while he went on, and did not live to see that he was overtaken.
 */
async function overtaken(bank: Bank, { key, at, over }: { key: RowKey; at: number; over: number }) {
  const journal = createMemoryJournal();
  const store = createMemoryViews();
  const commits = commitsOfDrafts(ref, bank.commits);
  const append = async (end: number) => {
    for (const commit of commits) {
      if (commit.lastSeq > (commits[end - 1]?.lastSeq ?? 0)) break;
      await journal.append({ commits: [commit], reservations: [] });
    }
    await projectChain(projectorOn(journal, store), { ref });
  };
  await append(at);
  const [old] = await store.get([key]);
  expect(old).toBeDefined();
  await append(over);
  await store.put([{ key, doc: old }]);
  const rest = async () => {
    for (const commit of commits.slice(over)) await journal.append({ commits: [commit], reservations: [] });
  };
  return { journal, store, rest };
}

async function next(journal: Journal, store: MemoryViews) {
  const monitor = createWitness();
  const round = projectChain(projectorOn(journal, store, { monitor }), { ref });
  const outcome = await round.then(
    () => 'projected',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const [cursor]: (FencedCursor | undefined)[] = await store.get([cursorKey(ref)]);
  const rows = Object.keys(store.dump()).filter((key) => key.includes('#breaches#'));
  return { outcome, breaches: monitor.breaches.map(({ invariant }) => invariant), rows, doubt: fenceOf(cursor).doubt };
}

/** What is there once the chain was rebuilt, as the sweep does with one in doubt; and what should be. */
async function settled(journal: Journal, store: MemoryViews) {
  const step = { ref, run: `${NOW}-sweep`, untilMs: Infinity };
  expect(await rebuildChain(rebuildOptions(journal, store), step)).toMatchObject({ done: true });
  const is = Object.fromEntries(Object.entries(store.dump()).filter(([key]) => !key.includes('#rebuild#')));
  const fresh = createMemoryViews();
  await projectChain(projectorOn(journal, fresh), { ref });
  return { is, should: fresh.dump() };
}

const OLD = {
  outcome: expect.stringContaining('are older than they should be') as string,
  breaches: [],
  rows: [],
  doubt: true,
};

describe('a row that somebody who was overtaken has put over a newer one', () => {
  const first = LINES + 1;

  it.each([
    ['an account', accountRow, new Bank().move('GL_1', account, 7).move('GL_2', account, 9), 1],
    ['an account, which is then closed', accountRow, new Bank().move(account, 'GL_1', 2_000).close(), 1],
    ['a line of the ledger', ledgerRow, new Bank().move(account, RARE, 7).move(account, RARE, 9), 1],
    ['a line that was not there yet', ledgerRow, new Bank().move(account, OTHER, 7), -1],
    [
      'a line of the ledger, which others were added to since',
      ledgerRow,
      new Bank().move(account, RARE, 7).move(account, OTHER, 5).move(account, RARE, 9),
      1,
    ],
  ])('is no breach, and the chain is rebuilt: %s', async (_, key, bank, over) => {
    const at = over < 0 ? first - 1 : first;
    const { journal, store, rest } = await overtaken(bank, { key, at, over: first + Math.max(over, 0) });
    await rest();
    expect(await next(journal, store)).toEqual(OLD);
    const { is, should } = await settled(journal, store);
    expect(is).toEqual(should);
    expect(await next(journal, store)).toMatchObject({ outcome: 'projected', breaches: [], doubt: undefined });
  });

  it('is told from a breach however long ago it was', async () => {
    const bank = new Bank().move(account, RARE, 7);
    for (let index = 0; index < 1_500; index += 1) bank.move('GL_1', 'GL_2', 1);
    bank.move(account, RARE, 9);
    const { journal, store, rest } = await overtaken(bank, {
      key: ledgerRow,
      at: first,
      over: bank.commits.length - 1,
    });
    await rest();
    expect(await next(journal, store)).toEqual(OLD);
  });

  it('is looked for once, though the stream delivers again and again until the chain is rebuilt', async () => {
    const bank = new Bank().move('GL_1', account, 7).move('GL_2', account, 9);
    const { journal, store, rest } = await overtaken(bank, { key: accountRow, at: first, over: first + 1 });
    await rest();
    const reads: number[] = [];
    const counted: Journal = {
      ...journal,
      read(chain, options) {
        reads.push(options.afterSeq);
        return journal.read(chain, options);
      },
    };
    const projector = projectorOn(counted, store);
    const deliver = () => expect(projectChain(projector, { ref })).rejects.toThrow('are older than they should be');
    await deliver();
    expect(reads.splice(0)).toHaveLength(2);
    // What is new is read again.
    await deliver();
    expect(reads).toHaveLength(1);
  });

  it('says nothing for what the journal itself has wrong', async () => {
    const bank = new Bank().move('GL_1', account, 7).move(account, 'GL_2', 9, { off: 1 });
    const { journal, store, rest } = await overtaken(bank, { key: accountRow, at: first, over: first + 1 });
    await rest();
    expect(await next(journal, store)).toMatchObject({ outcome: 'projected', breaches: ['DERIVED_BALANCES'] });
  });

  it('is nothing that explains a balance which the account never had', async () => {
    const bank = new Bank().move('GL_1', account, 7).move(account, 'GL_2', 9);
    const { journal, store, rest } = await overtaken(bank, { key: accountRow, at: first, over: first + 1 });
    const [row] = await store.get([accountRow]);
    await store.put([{ key: accountRow, doc: { ...row!, balanceMinor: 1_999 } }]);
    await rest();
    expect(await next(journal, store)).toMatchObject({ outcome: 'projected', breaches: ['DERIVED_BALANCES'] });
  });

  it.each([0, 2_000])('is no row that is new but for its balance, here set back to %i', async (balanceMinor) => {
    const bank = new Bank().move('GL_1', account, 7).move(account, 'GL_2', 9);
    const { journal, store, rest } = await overtaken(bank, { key: accountRow, at: first + 1, over: first + 1 });
    const [row] = await store.get([accountRow]);
    await store.put([{ key: accountRow, doc: { ...row!, balanceMinor } }]);
    await rest();
    expect(await next(journal, store)).toMatchObject({ outcome: 'projected', breaches: ['DERIVED_BALANCES'] });
  });

  it('hides no other breach of the same round', async () => {
    const bank = new Bank().move('GL_1', account, 7).move('GL_2', account, 9);
    bank.commits.push([customer('cust_99_elsewhere')]);
    const { journal, store, rest } = await overtaken(bank, { key: accountRow, at: first, over: first + 1 });
    await rest();
    const told = await next(journal, store);
    expect(told).toMatchObject({ outcome: OLD.outcome, breaches: ['TENANT_ISOLATION'], doubt: true });
    expect(told.rows).toHaveLength(1);
    const { is, should } = await settled(journal, store);
    expect(is).toEqual(should);
  });

  it('is no more supposed on a chain whose balances were breached: there one can look like the other', async () => {
    const bank = new Bank().move(account, RARE, 1).move(RARE, account, 1, { off: -1 });
    // By its events the line is one more than what they say, which is what it was by them before.
    bank.move(account, 'GL_1', 1).move(account, RARE, 5);
    const journal = createMemoryJournal();
    const store = createMemoryViews();
    for (const commit of commitsOfDrafts(ref, bank.commits)) {
      await journal.append({ commits: [commit], reservations: [] });
      expect(await next(journal, store)).toMatchObject({ outcome: 'projected', doubt: undefined });
    }
    const [cursor] = await store.get([cursorKey(ref)]);
    expect(cursor?.watch?.breaches?.DERIVED_BALANCES?.count).toBe(2);
  });

  it('waits where the journal cannot be reached, and nothing is kept meanwhile', async () => {
    const bank = new Bank().move('GL_1', account, 7).move('GL_2', account, 9);
    const { journal, store, rest } = await overtaken(bank, { key: accountRow, at: first, over: first + 1 });
    await rest();
    let reads = 0;
    const away: Journal = {
      ...journal,
      read: (...request) => {
        // The first brings the commits that are new.
        if ((reads += 1) > 1) throw new JournalUnavailableError('The journal is away');
        return journal.read(...request);
      },
    };
    expect(await next(away, store)).toMatchObject({ outcome: 'The journal is away', breaches: [], rows: [] });
    expect(await next(journal, store)).toEqual(OLD);
  });
});
