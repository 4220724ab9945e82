import { parseChainName } from '../core/chain/name.ts';
import type { DynamoDb } from '../dynamodb/client.ts';
import { type PageStart, pagesOf } from '../dynamodb/pages.ts';
import type { Item, Page } from '../dynamodb/wire.ts';
import type { PlanSource, StoredItem } from './source.ts';

/**
 * Most conditions that keep rows out of an answer. An expression may have 300 operators and functions: each condition is three of
 * them (AND, NOT, begins_with), and one of a tenant is one more, so 99 conditions are 298. They take 3,578 of the 4,096 bytes at most.
 */
const WITHOUT_MAX = 99;

/** Most operands of one IN. */
const IN_MAX_OPERANDS = 100;

/** Reads the two tables of the ledger as they are stored. Writes nothing. */
export function createDynamoSource(options: {
  client: DynamoDb;
  journalTable: string;
  viewsTable: string;
}): PlanSource {
  const { client, journalTable, viewsTable } = options;
  const viewPages = (pk: string) =>
    readPages((start) =>
      client.send('Query', {
        TableName: viewsTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ConsistentRead: true,
        ...start,
      }),
    );

  return {
    async tenants() {
      const pages = readPages((start) =>
        client.send('Query', {
          TableName: journalTable,
          IndexName: 'registry',
          KeyConditionExpression: 'registry = :tenant',
          ExpressionAttributeValues: { ':tenant': { S: 'TENANT' } },
          ...start,
        }),
      );
      const found = new Set<string>();
      for await (const page of pages) {
        for (const { pk } of page) found.add(parseChainName(String(pk))?.tenantId ?? String(pk));
      }
      return [...found].toSorted();
    },

    chainItems: (pk, { afterSeq }) =>
      readPages((start) =>
        client.send('Query', {
          TableName: journalTable,
          KeyConditionExpression: 'pk = :pk AND sk > :after',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':after': { N: String(afterSeq) } },
          ConsistentRead: true,
          ...start,
        }),
      ),

    async lastItem(pk) {
      const { Items = [] } = await client.send('Query', {
        TableName: journalTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      });
      return Items.map(plainOf)[0];
    },

    otherItems({ chainPks, tenantId }) {
      const filters = [...ofTenant(tenantId), ...chunksOf(chainPks).map(notAmong)];
      return readPages((start) =>
        client.send('Scan', {
          TableName: journalTable,
          ConsistentRead: true,
          ProjectionExpression: 'pk, sk, holder',
          ...start,
          ...expressionOf(filters),
        }),
      );
    },

    viewRows({ tenantId, without = [] }) {
      const filters = [...ofTenant(tenantId), ...without.slice(0, WITHOUT_MAX).map(notBeginning)];
      return readPages((start) =>
        client.send('Scan', {
          TableName: viewsTable,
          ConsistentRead: true,
          ...start,
          ...expressionOf(filters),
        }),
      );
    },

    async viewPartition(pk) {
      const rows: StoredItem[] = [];
      for await (const page of viewPages(pk)) rows.push(...page);
      return rows;
    },

    viewPages,

    // A query all the same: the audit may do nothing else.
    async viewRow(pk, sk) {
      const { Items = [] } = await client.send('Query', {
        TableName: viewsTable,
        KeyConditionExpression: 'pk = :pk AND sk = :sk',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
        ConsistentRead: true,
      });
      return Items.map(plainOf)[0];
    },
  };
}

async function* readPages(send: (start: PageStart) => Promise<Page>): AsyncGenerator<StoredItem[]> {
  for await (const page of pagesOf(send)) yield page.map(plainOf);
}

interface Filter {
  filter: string;
  values: Item;
}

function expressionOf(filters: readonly Filter[]) {
  if (filters.length === 0) return {};
  return {
    FilterExpression: filters.map(({ filter }) => filter).join(' AND '),
    ExpressionAttributeValues: Object.fromEntries(filters.flatMap(({ values }) => Object.entries(values))),
  };
}

function ofTenant(tenantId: string | undefined): Filter[] {
  return tenantId === undefined
    ? []
    : [{ filter: 'begins_with(pk, :tenant)', values: { ':tenant': { S: `${tenantId}#` } } }];
}

function notBeginning(prefix: string, index: number): Filter {
  return { filter: `NOT begins_with(pk, :without${index})`, values: { [`:without${index}`]: { S: prefix } } };
}

function notAmong(pks: readonly string[], chunk: number): Filter {
  const values = Object.fromEntries(pks.map((pk, index) => [`:pk${chunk}_${index}`, { S: pk }]));
  return { filter: `NOT (pk IN (${Object.keys(values).join(', ')}))`, values };
}

function chunksOf(values: readonly string[]): string[][] {
  const count = Math.ceil(values.length / IN_MAX_OPERANDS);
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * IN_MAX_OPERANDS, (index + 1) * IN_MAX_OPERANDS),
  );
}

/** Numbers beyond 2^53 and types that the ledger does not store come out as what no check accepts. */
function plainOf(item: Item): StoredItem {
  const plain: Record<string, unknown> = {};
  for (const [name, { S, N, B }] of Object.entries(item)) {
    plain[name] = S ?? (B === undefined ? (N === undefined ? null : Number(N)) : Buffer.from(B, 'base64'));
  }
  return plain;
}
