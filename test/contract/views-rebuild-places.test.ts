import { expect, it } from 'vitest';
import * as keys from '../../src/views/keys.ts';
import { keepSpoilt } from '../../src/views/monitor/spoilt-commits.ts';
import { placeOf, type RowPlace } from '../../src/views/rebuild/row-place.ts';
import type { RowKey } from '../../src/views/row.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { catchUp, NOW, rebuildAll, rebuildOptions } from '../support/rebuilds.ts';

const TENANT = 'CU_TEST';
const REF = { tenantId: TENANT, chain: '07' };
const ACCOUNT = 'acc_07_0000000000000000';
const OF_CHAIN: RowPlace = { kind: 'chain', chain: REF.chain };
const OTHER: RowPlace = { kind: 'other' };

/** A row of each kind, by the function that makes its key or its partition, and where it belongs. */
const PLACES: Record<keyof typeof keys, [key: RowKey, place: RowPlace]> = {
  cursorsPartition: [
    { pk: keys.cursorsPartition(TENANT), sk: '07' },
    { kind: 'cursor', chain: '07' },
  ],
  cursorKey: [keys.cursorKey(REF), { kind: 'cursor', chain: '07' }],
  accountKey: [keys.accountKey(TENANT, ACCOUNT), OF_CHAIN],
  statementPageKey: [keys.statementPageKey({ tenantId: TENANT, accountId: ACCOUNT, page: 3 }), OF_CHAIN],
  customerKey: [keys.customerKey(TENANT, 'cust_07_0000000000000000'), OF_CHAIN],
  productKey: [keys.productKey(TENANT, 'SAVINGS'), { kind: 'chain', chain: 'catalog' }],
  listPageKey: [keys.listPageKey(REF, 'accounts', 2), OF_CHAIN],
  digestsPartition: [{ pk: keys.digestsPartition(TENANT), sk: '00000001' }, OTHER],
  digestKey: [keys.digestKey(TENANT, 1), OTHER],
  digestCountKey: [keys.digestCountKey(TENANT), OTHER],
  digestRefusalKey: [keys.digestRefusalKey(TENANT), OTHER],
  breachesPartition: [{ pk: keys.breachesPartition(REF), sk: '0000000000000003' }, OF_CHAIN],
  breachKey: [keys.breachKey(REF, 3), OF_CHAIN],
  spoiltPartition: [{ pk: keys.spoiltPartition(TENANT), sk: '07#0000000000000003' }, OTHER],
  spoiltKey: [keys.spoiltKey(REF, 3), OTHER],
  shadowsPrefix: [
    { pk: `${keys.shadowsPrefix(TENANT)}1-one#07`, sk: '1 a b' },
    { kind: 'shadow', run: '1-one' },
  ],
  sweepProgressKey: [keys.sweepProgressKey(TENANT), OTHER],
  ledgerPartition: [{ pk: keys.ledgerPartition(TENANT), sk: '07#000001' }, OF_CHAIN],
  ledgerKey: [keys.ledgerKey(REF, 1), OF_CHAIN],
};

it('every row that the views have has a place: rebuilds delete what has none', () => {
  expect(Object.keys(PLACES).sort()).toEqual(Object.keys(keys).sort());
  for (const [name, [key, place]] of Object.entries(PLACES)) expect(placeOf(key), name).toEqual(place);
});

it('a rebuild keeps what the monitor found out about changed commits', async () => {
  const { journal } = await bankMonth({ members: 3, entries: 20 });
  const store = createMemoryViews();
  await catchUp(journal, store);
  const commit = { firstSeq: 3, reason: 'A commit was changed', evidence: { change: 'MODIFY' } };
  await keepSpoilt(store, [{ ...commit, ref: REF, at: '2026-01-01T00:00:00.000Z' }], () => undefined);
  const before = store.dump();
  const state = await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: `${NOW}-one` });
  expect(state.removed).toBe(0);
  expect(store.dump()).toEqual(before);
});
