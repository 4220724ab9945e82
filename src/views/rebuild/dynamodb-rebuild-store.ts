import type { Item, Page } from '../../dynamodb/wire.ts';
import { chunksOf, inParallel } from '../in-parallel.ts';
import { ViewsUnavailableError } from '../port.ts';
import type { RowKey } from '../row.ts';
import {
  available,
  conditional,
  createDynamoViews,
  generationOf,
  keyOf,
  MAX_ATTEMPTS,
  MAX_PARALLEL,
  numberedItemOf,
  WITHIN,
  WRITE_MAX_ROWS,
} from '../store/dynamodb-views.ts';
import { backOff } from '../store/retry.ts';
import type { RebuildStore, StoredPage, StoredRow } from './port.ts';

/** Rows of a page, about as many as 1 MB holds. Without a limit every page would take the longer the more rows there are: see `pagesOf`. */
const PAGE_ROWS = 1_000;

/** The views table on DynamoDB, also with what is damaged in it. */
export function createDynamoRebuildStore(options: Parameters<typeof createDynamoViews>[0]): RebuildStore {
  const { client, tableName, backOff: waits = backOff } = options;
  return {
    ...createDynamoViews(options),

    async raw(key) {
      const request = { TableName: tableName, Key: keyOf(key), ConsistentRead: true };
      const { Item: item } = await available(client.send('GetItem', request, WITHIN));
      return item && rowOf(item);
    },

    replace: ({ from, to }) =>
      conditional(client, 'PutItem', {
        TableName: tableName,
        Item: numberedItemOf(to.key, to.doc),
        ...unchanged(from),
      }),

    remove: (row) =>
      conditional(client, 'DeleteItem', { TableName: tableName, Key: keyOf(row.key), ...unchanged(row) }),

    async drop(keys) {
      await inParallel(chunksOf(keys, WRITE_MAX_ROWS), MAX_PARALLEL, async (chunk) => {
        let requests = chunk.map((key) => ({ DeleteRequest: { Key: keyOf(key) } }));
        for (let attempt = 1; requests.length > 0; attempt += 1) {
          if (attempt > MAX_ATTEMPTS)
            throw new ViewsUnavailableError(
              `Cannot delete ${requests.length} rows: the table gave them back ${MAX_ATTEMPTS} times`,
            );
          if (attempt > 1) await waits(attempt - 1);
          const batch = { RequestItems: { [tableName]: requests } };
          const { UnprocessedItems } = await available(client.send('BatchWriteItem', batch, WITHIN));
          requests = (UnprocessedItems?.[tableName] ?? []).flatMap(({ DeleteRequest }) =>
            DeleteRequest ? [{ DeleteRequest }] : [],
          );
        }
      });
    },

    async partition(pk, start) {
      const query = {
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ConsistentRead: true,
        Limit: PAGE_ROWS,
        ...(start && { ExclusiveStartKey: keyOf(start) }),
      };
      return pageOf(await available(client.send('Query', query, WITHIN)));
    },

    async tenant(tenantId, start) {
      const scan = {
        TableName: tableName,
        FilterExpression: 'begins_with(pk, :tenant)',
        ExpressionAttributeValues: { ':tenant': { S: `${tenantId}#` } },
        ConsistentRead: true,
        Limit: PAGE_ROWS,
        ...(start && { ExclusiveStartKey: keyOf(start) }),
      };
      return pageOf(await available(client.send('Scan', scan, WITHIN)));
    },
  };
}

/** The condition that a row still is as it was read. */
function unchanged(row: StoredRow | undefined): { ConditionExpression: string; ExpressionAttributeValues?: Item } {
  if (!row) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const texts = Object.entries({ doc: row.text, fence: row.fence });
  const values = texts.flatMap(([name, text]) => (text === undefined ? [] : [[`:${name}`, { S: text }] as const]));
  const conditions = texts.map(([name, text]) =>
    text === undefined ? `NOT attribute_type(${name}, :text)` : `${name} = :${name}`,
  );
  // The same document may have been written since, under a newer generation.
  conditions.push('NOT generation > :generation');
  return {
    ConditionExpression: ['attribute_exists(pk)', ...conditions].join(' AND '),
    ExpressionAttributeValues: {
      ...Object.fromEntries(values),
      ':generation': { N: String(row.generation) },
      ...(values.length < texts.length && { ':text': { S: 'S' } }),
    },
  };
}

function pageOf({ Items = [], LastEvaluatedKey: next }: Page): StoredPage {
  return { rows: Items.map(rowOf), ...(next && { next: rowKeyOf(next) }) };
}

function rowOf(item: Item): StoredRow {
  const { doc, seq, fence } = item;
  return {
    key: rowKeyOf(item),
    generation: generationOf(item),
    ...(doc?.S !== undefined && { text: doc.S }),
    ...(seq?.N !== undefined && { seq: Number(seq.N) }),
    ...(fence?.S !== undefined && { fence: fence.S }),
  };
}

function rowKeyOf(item: Item): RowKey {
  return { pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' };
}
