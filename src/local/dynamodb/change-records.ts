import { randomUUID } from 'node:crypto';
import type { Table } from './tables.ts';

export type Item = Record<string, Record<string, unknown>>;

/** One change of one item, before it is known whether the write succeeds. */
export interface Change {
  table: Table;
  kind: 'put' | 'update' | 'delete';
  /** The whole item of a put, the key otherwise. */
  item: Item;
  /** True when the write's condition demands that the item did not exist. */
  mustBeNew: boolean;
}

type Json = Record<string, unknown>;

/** The changes to streamed tables that a write request asks for, in its order. */
export function changesOf(operation: string, body: Json, streamed: (tableName: string) => Table | undefined): Change[] {
  const changes: Change[] = [];
  const add = (kind: Change['kind'], tableName: unknown, item: unknown, condition: unknown, names: unknown) => {
    const table = streamed(String(tableName));
    if (table !== undefined)
      changes.push({ table, kind, item: item as Item, mustBeNew: demandsAbsence(condition, names, table) });
  };
  switch (operation) {
    case 'PutItem':
      add('put', body['TableName'], body['Item'], body['ConditionExpression'], body['ExpressionAttributeNames']);
      break;
    case 'UpdateItem':
    case 'DeleteItem':
      add(operation === 'UpdateItem' ? 'update' : 'delete', body['TableName'], body['Key'], undefined, undefined);
      break;
    case 'BatchWriteItem':
      for (const [tableName, requests] of Object.entries((body['RequestItems'] ?? {}) as Record<string, Json[]>)) {
        for (const request of requests) {
          const put = request['PutRequest'] as { Item: unknown } | undefined;
          if (put === undefined)
            add('delete', tableName, (request['DeleteRequest'] as { Key: unknown }).Key, undefined, undefined);
          else add('put', tableName, put.Item, undefined, undefined);
        }
      }
      break;
    case 'TransactWriteItems':
      for (const part of (body['TransactItems'] ?? []) as Record<string, Json>[]) {
        const { Put, Update, Delete } = part;
        if (Put !== undefined)
          add('put', Put['TableName'], Put['Item'], Put['ConditionExpression'], Put['ExpressionAttributeNames']);
        if (Update !== undefined) add('update', Update['TableName'], Update['Key'], undefined, undefined);
        if (Delete !== undefined) add('delete', Delete['TableName'], Delete['Key'], undefined, undefined);
      }
      break;
  }
  return changes;
}

/** Leaves out what a successful BatchWriteItem handed back as unprocessed. */
export function withoutUnprocessed(changes: Change[], answer: Buffer): Change[] {
  if (!answer.includes('"UnprocessedItems":{"')) return changes;
  const { UnprocessedItems } = JSON.parse(answer.toString()) as { UnprocessedItems: Record<string, unknown[]> };
  const left = new Set(
    Object.values(UnprocessedItems)
      .flat()
      .map((request) => JSON.stringify(request)),
  );
  return changes.filter(
    ({ kind, item }) =>
      !left.has(JSON.stringify(kind === 'put' ? { PutRequest: { Item: item } } : { DeleteRequest: { Key: item } })),
  );
}

/**
 * A record as Kinesis Data Streams for DynamoDB writes it. A write that does not demand the item's absence is
 * told as MODIFY, and old images are left out: the item before the write is not read.
 */
export function changeRecord(options: { change: Change; newImage: Item | undefined; region: string; atMs: number }): {
  partitionKey: string;
  data: string;
} {
  const { change, newImage, region, atMs } = options;
  const { table, item } = change;
  const keys: Item = {};
  for (const name of [table.partitionKey, table.sortKey]) {
    const value = name === undefined ? undefined : item[name];
    if (name !== undefined && value !== undefined) keys[name] = value;
  }
  const image = newImage === undefined ? '' : JSON.stringify(newImage);
  // Written by hand so that the image, nearly all of it, is serialized once.
  const data =
    `{"awsRegion":"${region}","eventID":"${randomUUID()}","eventName":"${eventName(change)}","userIdentity":null,` +
    `"recordFormat":"application/json","tableName":${JSON.stringify(table.name)},"dynamodb":{"ApproximateCreationDateTime":${atMs},` +
    `"Keys":${JSON.stringify(keys)},${image === '' ? '' : `"NewImage":${image},`}"SizeBytes":${Buffer.byteLength(image)}},"eventSource":"aws:dynamodb"}`;
  return { partitionKey: String(Object.values(item[table.partitionKey] ?? {})[0]), data };
}

function eventName(change: Change): string {
  if (change.kind === 'delete') return 'REMOVE';
  return change.mustBeNew ? 'INSERT' : 'MODIFY';
}

function demandsAbsence(condition: unknown, names: unknown, table: Table): boolean {
  if (typeof condition !== 'string') return false;
  const [, name] = /^\s*\(?\s*attribute_not_exists\s*\(\s*([#\w.]+)\s*\)/.exec(condition) ?? [];
  if (name === undefined || /\bOR\b/i.test(condition)) return false;
  const plain = ((names ?? {}) as Record<string, string>)[name] ?? name;
  return plain === table.partitionKey || plain === table.sortKey;
}
