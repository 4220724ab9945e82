import { beforeAll, expect, it } from 'vitest';
import { commitsOfDrafts, customer, entry, opened } from '../../../test/support/commits.ts';
import { createMemoryJournal } from '../../journal/memory-journal.ts';
import type { Journal } from '../../journal/port.ts';
import { createOldRows, type RowClaim } from './old-rows.ts';

const ref = { tenantId: 'CU_TEST', chain: '00' };
const account = 'acc_00_a';
/** Entries on the chain, of three events each, and how far back is looked. */
const ENTRIES = 3_000;
const MOST_EVENTS = 2_000;

let journal: Journal;
let reads: number[];
/** That the account moves at the end of the chain, and a row shows what it had at the beginning. */
let claim: RowClaim;

beforeAll(async () => {
  const inner = createMemoryJournal();
  const moved = (number: number) => [
    { accountId: 'GL_CASH', deltaMinor: -1, balanceMinor: -number },
    { accountId: account, deltaMinor: 1, balanceMinor: number },
  ];
  const entries = Array.from({ length: ENTRIES }, (_, index) => entry(`ent_00_${index + 1}`, moved(index + 1)));
  const commits = commitsOfDrafts(ref, [[customer(), opened(account)], ...entries]);
  for (const commit of commits) await inner.append({ commits: [commit], reservations: [] });
  journal = {
    ...inner,
    read(chain, options) {
      reads.push(options.afterSeq);
      return inner.read(chain, options);
    },
  };
  const seq = (commits.at(-1)?.lastSeq ?? 0) + 1;
  claim = { accountId: account, seq, rowMinor: 1, dueMinor: ENTRIES };
});

it('what can only be explained from further back than is looked counts as a breach', async () => {
  reads = [];
  expect(await createOldRows(journal)(ref, [claim])).toBe(true);
  expect(reads.at(-1)).toBe(0);
  reads = [];
  const within = createOldRows(journal, { mostEvents: MOST_EVENTS });
  expect(await within(ref, [claim])).toBe(false);
  expect(Math.min(...reads)).toBeGreaterThan(claim.seq - 2 * MOST_EVENTS);
  expect(await within(ref, [{ ...claim, rowMinor: ENTRIES - 500 }])).toBe(true);
});

it('what was explained once is not looked for again; what was not, is', async () => {
  reads = [];
  const areOld = createOldRows(journal);
  const other = { ...claim, rowMinor: 2 };
  const wrong = { ...claim, rowMinor: ENTRIES + 1 };
  const readsOf = async (claims: RowClaim[], expected: boolean) => {
    reads = [];
    expect(await areOld(ref, claims)).toBe(expected);
    return reads.length > 0;
  };
  expect(await readsOf([claim], true)).toBe(true);
  expect(await readsOf([claim], true)).toBe(false);
  expect(await readsOf([claim, wrong], false)).toBe(true);
  expect(await readsOf([claim, wrong], false)).toBe(true);
  expect(await readsOf([claim, other], true)).toBe(true);
  expect(await readsOf([other, claim], true)).toBe(false);
});
