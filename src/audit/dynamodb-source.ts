import { type AttributeValue, type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { parseChainName } from '../core/chain/name.ts';
import type { AuditSource, StoredItem } from './source.ts';

type Item = Record<string, AttributeValue>;
interface Page {
  Items?: Item[] | undefined;
  LastEvaluatedKey?: Item | undefined;
}

/** Most operands of one IN. */
const IN_MAX_OPERANDS = 100;

/** Reads the two tables of the ledger as they are stored. Writes nothing. */
export function createDynamoSource(options: {
  client: DynamoDBClient;
  journalTable: string;
  viewsTable: string;
}): AuditSource {
  const { client, journalTable, viewsTable } = options;

  return {
    async tenants() {
      const pages = pagesOf((start) =>
        client.send(
          new QueryCommand({
            TableName: journalTable,
            IndexName: 'registry',
            KeyConditionExpression: 'registry = :tenant',
            ExpressionAttributeValues: { ':tenant': { S: 'TENANT' } },
            ExclusiveStartKey: start,
          }),
        ),
      );
      const found = new Set<string>();
      for await (const page of pages) {
        for (const { pk } of page) found.add(parseChainName(String(pk))?.tenantId ?? String(pk));
      }
      return [...found].toSorted();
    },

    chainItems: (pk, { afterSeq }) =>
      pagesOf((start) =>
        client.send(
          new QueryCommand({
            TableName: journalTable,
            KeyConditionExpression: 'pk = :pk AND sk > :after',
            ExpressionAttributeValues: { ':pk': { S: pk }, ':after': { N: String(afterSeq) } },
            ConsistentRead: true,
            ExclusiveStartKey: start,
          }),
        ),
      ),

    otherItems({ chainPks, tenantId }) {
      const filters = [...ofTenant(tenantId), ...chunksOf(chainPks).map(notAmong)];
      return pagesOf((start) =>
        client.send(
          new ScanCommand({
            TableName: journalTable,
            ConsistentRead: true,
            ProjectionExpression: 'pk, sk, holder',
            ExclusiveStartKey: start,
            ...expressionOf(filters),
          }),
        ),
      );
    },

    viewRows: ({ tenantId }) =>
      pagesOf((start) =>
        client.send(
          new ScanCommand({
            TableName: viewsTable,
            ConsistentRead: true,
            ExclusiveStartKey: start,
            ...expressionOf(ofTenant(tenantId)),
          }),
        ),
      ),

    async viewPartition(pk) {
      const rows: StoredItem[] = [];
      const pages = pagesOf((start) =>
        client.send(
          new QueryCommand({
            TableName: viewsTable,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: pk } },
            ConsistentRead: true,
            ExclusiveStartKey: start,
          }),
        ),
      );
      for await (const page of pages) rows.push(...page);
      return rows;
    },
  };
}

/** Reads page by page, the next while the last is being worked on. */
async function* pagesOf(send: (start: Item | undefined) => Promise<Page>): AsyncGenerator<StoredItem[]> {
  let next: Promise<Page> | undefined = send(undefined);
  while (next) {
    const page: Page = await next;
    next = page.LastEvaluatedKey && send(page.LastEvaluatedKey);
    // Whoever stops reading early does not wait for this page, nor for its fault.
    next?.catch(() => undefined);
    yield (page.Items ?? []).map(plainOf);
  }
}

interface Filter {
  filter: string;
  values: Record<string, AttributeValue>;
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
  for (const [name, { S, N, B }] of Object.entries(item)) plain[name] = S ?? B ?? (N === undefined ? null : Number(N));
  return plain;
}
