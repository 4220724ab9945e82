import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, JOURNAL_TABLE, startEngine, VIEWS_TABLE } from '../../test/support/engine.ts';
import type { DynamoDb } from '../dynamodb/client.ts';
import { audit } from './audit.ts';
import { createDynamoSource } from './dynamodb-source.ts';
import type { StoredItem } from './source.ts';
import { openTestBank } from './testing/bank.ts';
import { createCopies, leavesOf } from './testing/digests.ts';
import { auditInPieces } from './testing/in-pieces.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

const PUT_MAX_ITEMS = 25;

async function putAll(client: DynamoDBClient, table: string, items: readonly StoredItem[]): Promise<void> {
  for (let start = 0; start < items.length; start += PUT_MAX_ITEMS) {
    const requests = items
      .slice(start, start + PUT_MAX_ITEMS)
      .map((item) => ({ PutRequest: { Item: marshall(item) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
}

const sourceOf = (client: DynamoDb) =>
  createDynamoSource({ client, journalTable: JOURNAL_TABLE, viewsTable: VIEWS_TABLE });

describe('on a DynamoDB engine', () => {
  let engine: Engine;
  const [first, second] = [openTestBank('CU_A').bank, openTestBank('CU_AB').bank];
  const journal = [...first.items(), ...second.items()];

  beforeAll(async () => {
    engine = await startEngine();
    await putAll(engine.sdk, JOURNAL_TABLE, journal);
    await putAll(engine.sdk, VIEWS_TABLE, await projectViews(journal));
  });
  afterAll(() => engine.stop());

  it('finds what it finds in memory', async () => {
    const views = await projectViews(journal);
    for (const tenantId of [undefined, 'CU_A', 'CU_AB']) {
      const [stored, expected] = await Promise.all([
        audit({ source: sourceOf(engine.client), tenantId }),
        audit({ source: memorySource({ journal, views }), tenantId }),
      ]);
      const still = ({ tenants, ...totals }: typeof stored) => ({
        ...totals,
        tenants: tenants.map((tenant) => ({ ...tenant, views: tenant.views.rows })),
      });
      expect(still(stored)).toEqual(still(expected));
      expect(Object.values(stored.invariants).map(({ breaches }) => breaches)).toEqual([0, 0, 0, 0, 0]);
    }
  });

  it('finds items and rows that nobody calls for, one tenant at a time and all together', async () => {
    await putAll(engine.sdk, JOURNAL_TABLE, [
      { pk: 'CU_A#unique#email#00', sk: 0, holder: 'x' },
      { pk: 'CU_ABC#chain#00', sk: 1 },
    ]);
    await putAll(engine.sdk, VIEWS_TABLE, [
      { pk: 'CU_AB#account#acc_00_00000000000000000000', sk: 'account', doc: '{}' },
    ]);
    const [all, neighbour] = await Promise.all([
      audit({ source: sourceOf(engine.client) }),
      audit({ source: sourceOf(engine.client), tenantId: 'CU_AB' }),
    ]);
    const evidence = all.tenants.flatMap(({ invariants }) =>
      Object.values(invariants).flatMap((finding) => finding.evidence),
    );
    expect(evidence.map(({ tenantId }) => tenantId).toSorted()).toEqual(['CU_A', 'CU_AB', 'CU_ABC']);
    expect(neighbour.invariants.TENANT_ISOLATION.breaches).toBe(1);
    expect(neighbour.invariants.ACCOUNT_CONSTRAINTS.breaches).toBe(0);
  });

  it('finds in pieces, each without the rows of the others, what it finds at once', async () => {
    const odd = ['account#acc_01', 'account#acc_0_x', 'account#acc_99_x', 'account#cust_01_x', 'customer#acc_01_x'];
    const rows = odd.map((key) => ({ pk: `CU_AB#${key}`, sk: 'account', doc: '{}' }));
    await putAll(engine.sdk, VIEWS_TABLE, rows);
    const source = sourceOf(engine.client);
    const [atOnce, inPieces] = [await audit({ source, waitMs: 0 }), await auditInPieces({ source })];
    expect(inPieces.invariants).toEqual(atOnce.invariants);
    expect(atOnce.invariants.DERIVED_BALANCES.breaches).toBeGreaterThanOrEqual(odd.length);
    const rowsOf = ({ tenants }: typeof atOnce) => tenants.map(({ views }) => views.rows);
    expect(rowsOf(inPieces).reduce((sum, count) => sum + count)).toBe(rowsOf(atOnce)[0]);
  });

  it('finds the last copy of a digest among many and beside rows that are none', async () => {
    const { bank, spending } = openTestBank('CU_D');
    bank.post({ [spending]: -1_00, GL_CASH: 1_00 });
    const heads = leavesOf(bank);
    const pk = 'CU_D#digest';
    // The first eleven know of nothing that is gone.
    const early = heads.map((leaf) => leaf.replace(/ \d+ /, ' 0 '));
    const copyOf = createCopies('CU_D');
    const copies: StoredItem[] = [];
    for (let number = 1; number <= 12; number += 1)
      copies.push(copyOf({ number, heads: number === 12 ? heads : early, previous: copies.at(-1) }));
    const others = ['99999999', 'x1', 'x2', 'x3'].map((sk) => ({ pk, sk, doc: '{"heads":[]}' }));
    bank.chain('00').pop();
    await putAll(engine.sdk, JOURNAL_TABLE, bank.items());
    const views = await projectViews(bank.items());
    await putAll(engine.sdk, VIEWS_TABLE, [...views, ...copies, ...others, { pk, sk: 'count', doc: '{"seq":12}' }]);
    const source = sourceOf(engine.client);
    expect(await source.viewRow(pk, '00000011')).toEqual(copies[10]);
    expect(await source.viewRow(pk, '0000001')).toBeUndefined();
    const { tenants } = await audit({ source, tenantId: 'CU_D', waitMs: 0 });
    const { HASH_CHAIN, DERIVED_BALANCES } = tenants[0]?.invariants ?? {};
    expect(HASH_CHAIN?.evidence.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^The chain ends at event \d+, but digest 12 was signed over/),
    ]);
    expect(DERIVED_BALANCES?.evidence.map(({ reason }) => reason)).toEqual(
      others.map(({ sk }) => `View row ${pk} ${sk}: The journal calls for no such row`),
    );
  });
});

/** What DynamoDB allows one expression; the embedded engine allows more operators. */
const EXPRESSION_MAX = { operators: 300, bytes: 4_096 };

it('asks within the limits of an expression, however many rows are not asked for', async () => {
  const asked: string[] = [];
  const send = async (_operation: string, { FilterExpression = '' }: { FilterExpression?: string }) => {
    asked.push(FilterExpression);
    return { Items: [] };
  };
  const source = sourceOf({ send } as unknown as DynamoDb); // only asked, and only for this
  const without = Array.from({ length: 150 }, (_, number) => `CU_A#account#acc_${number}_`);
  for (const tenantId of [undefined, 'CU_A']) for await (const _ of source.viewRows({ tenantId, without }));
  for (const filter of asked) {
    expect(filter.match(/NOT/g)?.length).toBeGreaterThan(90);
    const operators = filter.match(/\b(?:AND|OR|NOT|IN|begins_with)\b/g) ?? [];
    expect(operators.length).toBeLessThanOrEqual(EXPRESSION_MAX.operators);
    expect(Buffer.byteLength(filter)).toBeLessThanOrEqual(EXPRESSION_MAX.bytes);
  }
  expect(asked).toHaveLength(2);
});
