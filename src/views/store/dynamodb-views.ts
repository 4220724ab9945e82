import type { DynamoDb } from '../../dynamodb/client.ts';
import { ServiceError } from '../../dynamodb/errors.ts';
import { pagesOf } from '../../dynamodb/pages.ts';
import type { Item, Operations } from '../../dynamodb/wire.ts';
import { chunksOf, inParallel } from '../in-parallel.ts';
import { type ViewStore, ViewsUnavailableError } from '../port.ts';
import { type Fence, StaleRowError } from '../projection/fence.ts';
import { type Row, type RowKey, keyText } from '../row.ts';
import { backOff } from './retry.ts';

/** Limits of one request, set by DynamoDB. */
const GET_MAX_KEYS = 100;
export const WRITE_MAX_ROWS = 25;
/** Requests under way at a time, and attempts at what a throttled table gives back unprocessed. */
export const MAX_PARALLEL = 4;
export const MAX_ATTEMPTS = 8;
/** Most time one request may take, the client's own attempts included. */
export const WITHIN = { timeoutMs: 10_000 };

/**
 * The views table on DynamoDB: pk and sk (S), doc (S: the row's document as JSON, one attribute, because marshalling the
 * fields one by one costs more than everything else a projection does), and on rows that stand at a number, such as cursors, seq (N), for their condition.
 * Rows that a rebuild or what follows it has written carry its generation (N), and cursors then a fence (S, JSON).
 */
export function createDynamoViews(options: {
  client: DynamoDb;
  tableName: string;
  /** Waits before an attempt after the first. */
  backOff?: (attempt: number) => Promise<void>;
}): ViewStore {
  const { client, tableName, backOff: waits = backOff } = options;
  return {
    async get(keys, { since = 0 } = {}) {
      const found = new Map<string, Item>();
      await inParallel(chunksOf(unique(keys), GET_MAX_KEYS), MAX_PARALLEL, (chunk) =>
        getAll({ client, tableName, keys: chunk, found, waits }),
      );
      return keys.map((key) => {
        const item = found.get(keyText(key));
        if (item && generationOf(item) < since)
          throw new StaleRowError(`Row ${keyText(key)} was written before its chain was rebuilt`);
        return documentOf(item) as never; // whoever wrote the row used a key of the same type
      });
    },

    async list(partition) {
      const query = {
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: partition } },
        ConsistentRead: true,
      };
      const rows: { sk: string; doc: unknown }[] = [];
      for await (const page of pagesOf((start) => available(client.send('Query', { ...query, ...start }, WITHIN))))
        for (const item of page) rows.push({ sk: item['sk']?.S ?? '', doc: documentOf(item) });
      return rows;
    },

    async put(rows) {
      await inParallel(chunksOf(rows, WRITE_MAX_ROWS), MAX_PARALLEL, (chunk) =>
        putAll({ client, tableName, rows: chunk, waits }),
      );
    },

    async advance({ key, from, fence, to }) {
      const isFirst = from === 0 && !fence;
      const values = { ':from': { N: String(from) }, ...(fence && { ':fence': { S: JSON.stringify(fence) } }) };
      const condition = `seq = :from AND ${fence ? 'fence = :fence' : 'attribute_not_exists(fence)'}`;
      return conditional(client, 'PutItem', {
        TableName: tableName,
        Item: numberedItemOf(key, to),
        ConditionExpression: isFirst ? 'attribute_not_exists(pk)' : condition,
        ...(!isFirst && { ExpressionAttributeValues: values }),
      });
    },
  };
}

/** @returns false when the condition does not hold */
export async function conditional<Name extends 'PutItem' | 'DeleteItem'>(
  client: DynamoDb,
  operation: Name,
  request: Operations[Name]['request'],
): Promise<boolean> {
  try {
    await client.send(operation, request, WITHIN);
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.name === 'ConditionalCheckFailedException') return false;
    throw unavailable(error);
  }
}

async function getAll(options: {
  client: DynamoDb;
  tableName: string;
  keys: readonly RowKey[];
  found: Map<string, Item>;
  waits: (attempt: number) => Promise<void>;
}): Promise<void> {
  const { client, tableName, found, waits } = options;
  let keys: Item[] = options.keys.map(keyOf);
  for (let attempt = 1; keys.length > 0; attempt += 1) {
    if (attempt > MAX_ATTEMPTS)
      throw new ViewsUnavailableError(
        `Cannot read ${keys.length} rows: the table gave them back ${MAX_ATTEMPTS} times`,
      );
    if (attempt > 1) await waits(attempt - 1);
    const request = { RequestItems: { [tableName]: { Keys: keys, ConsistentRead: true } } };
    const answer = await available(client.send('BatchGetItem', request, WITHIN));
    for (const item of answer.Responses?.[tableName] ?? []) {
      found.set(keyText({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' }), item);
    }
    keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
}

async function putAll(options: {
  client: DynamoDb;
  tableName: string;
  rows: readonly Row[];
  waits: (attempt: number) => Promise<void>;
}): Promise<void> {
  const { client, tableName, waits } = options;
  let requests = options.rows.map((row) => ({ PutRequest: { Item: itemOf(row) } }));
  for (let attempt = 1; requests.length > 0; attempt += 1) {
    if (attempt > MAX_ATTEMPTS)
      throw new ViewsUnavailableError(
        `Cannot write ${requests.length} rows: the table gave them back ${MAX_ATTEMPTS} times`,
      );
    if (attempt > 1) await waits(attempt - 1);
    const answer = await available(client.send('BatchWriteItem', { RequestItems: { [tableName]: requests } }, WITHIN));
    requests = (answer.UnprocessedItems?.[tableName] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item ? [{ PutRequest: { Item: PutRequest.Item } }] : [],
    );
  }
}

function itemOf({ key, doc, generation = 0 }: Row): Item {
  return {
    ...keyOf(key),
    doc: { S: JSON.stringify(doc) },
    ...(generation > 0 && { generation: { N: String(generation) } }),
  };
}

export function keyOf({ pk, sk }: RowKey): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** @returns the item of a row that is moved by its number */
export function numberedItemOf(key: RowKey, { fence, ...doc }: { seq: number; fence?: Fence }): Item {
  const item = { ...itemOf({ key, doc }), seq: { N: String(doc.seq) } };
  return fence ? { ...item, fence: { S: JSON.stringify(fence) } } : item;
}

function documentOf(item: Item | undefined): unknown {
  const json = item?.['doc']?.S;
  if (json === undefined) return undefined;
  const doc: unknown = JSON.parse(json);
  const fence = item?.['fence']?.S;
  return fence === undefined ? doc : { ...(doc as object), fence: JSON.parse(fence) as Fence };
}

/** @returns the generation under which a row was written; 0 also where none can be read */
export function generationOf(item: Item): number {
  return Number(item['generation']?.N ?? 0) || 0;
}

/** A request names each key once; DynamoDB refuses it otherwise. */
function unique<Key extends RowKey>(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [keyText(key), key])).values()];
}

export async function available<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): ViewsUnavailableError {
  return new ViewsUnavailableError('Cannot reach the views table', { cause });
}
