import { ServiceError } from '../../../src/dynamodb/errors.ts';
import type { Item, Operations, Page, Put, Query } from '../../../src/dynamodb/wire.ts';
import { holds } from './conditions.ts';
import { keyOf, type Stored, Table } from './table.ts';

export const JOURNAL = 'journal';
export const VIEWS = 'views';
export const SNAPSHOTS = 'snapshots';
export type TableName = typeof JOURNAL | typeof VIEWS | typeof SNAPSHOTS;

/** Items of the journal that were written by one request: all of them at once. */
export interface Landing {
  atMs: number;
  items: readonly Item[];
}

/** How the engine is to behave in one call, as the seed has drawn it. */
export interface Mood {
  /** Items of a page, keys or rows of a batch that are worked on; Infinity for all. */
  most: number;
  /** Reads that do not ask to be consistent, and those of an index, which cannot, do not see what was written since. */
  blindSinceMs: number;
}

type Request = { [Name in keyof Operations]: { name: Name; request: Operations[Name]['request'] } }[keyof Operations];

/**
 * A store that behaves as DynamoDB does, as far as the ledger uses it: conditional puts, transactions that are all or nothing
 * and know their retries, strongly consistent queries in pages, batches that may be done in part. A call is done in one go.
 */
export class Engine {
  readonly tables: Record<TableName, Table> = { journal: new Table(), views: new Table(), snapshots: new Table() };
  /** All that was ever written to the journal, in the order in which it came. */
  readonly landings: Landing[] = [];
  /** The last seq of each chain. */
  readonly heads = new Map<string, number>();
  readonly #nowMs: () => number;
  readonly #landed: (items: readonly Item[]) => void;
  readonly #tokens = new Set<string>();

  constructor(options: { nowMs: () => number; landed: (items: readonly Item[]) => void }) {
    this.#nowMs = options.nowMs;
    this.#landed = options.landed;
  }

  /** @throws ServiceError */
  do(call: Request, mood: Mood): object {
    switch (call.name) {
      case 'PutItem':
        this.#putAll([call.request]);
        return {};
      case 'TransactWriteItems':
        if (this.#tokens.has(call.request.ClientRequestToken)) return {};
        this.#putAll(
          call.request.TransactItems.map((each) => each.Put),
          'transaction',
        );
        this.#tokens.add(call.request.ClientRequestToken);
        return {};
      case 'GetItem': {
        const { TableName, Key, ConsistentRead } = call.request;
        return { Item: [this.table(TableName).get(keyOf(Key))].find(seenBy(ConsistentRead, mood))?.item };
      }
      case 'Query':
        return this.#query(call.request, mood);
      case 'BatchGetItem':
        return this.#batchGet(call.request, mood);
      case 'BatchWriteItem':
        return this.#batchWrite(call.request, mood);
      case 'DeleteItem': {
        const { TableName, Key, ConditionExpression: condition, ExpressionAttributeValues: values } = call.request;
        const table = this.table(TableName);
        if (condition !== undefined && !holds(condition, table.get(keyOf(Key))?.item, values)) throw conditionFailed();
        table.delete(keyOf(Key));
        return {};
      }
      case 'Scan': {
        const { TableName, FilterExpression: filter, ExpressionAttributeValues: values } = call.request;
        const all = this.table(TableName).all().filter(seenBy(call.request.ConsistentRead, mood));
        return { Items: all.flatMap(({ item }) => (!filter || holds(filter, item, values) ? [item] : [])) };
      }
      default:
        return call satisfies never;
    }
  }

  table(name: string): Table {
    if (!(name in this.tables)) throw new Error(`There is no table "${name}"`);
    return this.tables[name as TableName];
  }

  #putAll(puts: readonly Put[], kind: 'single' | 'transaction' = 'single'): void {
    const failed = puts.map((put) => !this.#holds(put));
    if (failed.includes(true)) {
      if (kind === 'single') throw conditionFailed();
      throw canceled(failed.map((each) => (each ? 'ConditionalCheckFailed' : 'None')));
    }
    for (const { TableName, Item } of puts) this.table(TableName).put(Item, this.#nowMs());
    const items = puts.filter(({ TableName }) => TableName === JOURNAL).map(({ Item }) => Item);
    if (items.length === 0) return;
    this.landings.push({ atMs: this.#nowMs(), items });
    for (const { pk, last } of items)
      if (pk?.S !== undefined && last?.N !== undefined) this.heads.set(pk.S, Number(last.N));
    this.#landed(items);
  }

  #holds({ TableName, Item, ConditionExpression, ExpressionAttributeValues }: Put): boolean {
    if (ConditionExpression === undefined) return true;
    return holds(ConditionExpression, this.table(TableName).get(keyOf(Item))?.item, ExpressionAttributeValues);
  }

  #query(query: Query, mood: Mood): Page {
    const {
      TableName,
      IndexName,
      KeyConditionExpression,
      ExpressionAttributeValues: values = {},
      ExclusiveStartKey,
    } = query;
    const table = this.table(TableName);
    const { pk: of, rest } = splitKeyCondition(KeyConditionExpression);
    const matching: readonly Stored[] =
      IndexName === undefined
        ? table.partition(values[of]?.S ?? '').filter(({ item }) => rest === '' || holds(rest, item, values))
        : table.all().filter(({ item }) => holds(KeyConditionExpression, item, values));
    let found: readonly Stored[] = matching.filter(seenBy(IndexName === undefined && query.ConsistentRead, mood));
    if (query.ScanIndexForward === false) found = found.toReversed();
    if (ExclusiveStartKey) {
      const { pk, sk } = keyOf(ExclusiveStartKey);
      found = found.slice(found.findIndex((each) => each.sort === sk && each.item['pk']?.S === pk) + 1);
    }
    const items = found.slice(0, Math.min(query.Limit ?? Infinity, mood.most)).map(({ item }) => item);
    const last = items.at(-1);
    const more = items.length < found.length && last;
    return { Items: items, ...(more && { LastEvaluatedKey: { pk: last['pk'] ?? {}, sk: last['sk'] ?? {} } }) };
  }

  #batchGet({ RequestItems }: Operations['BatchGetItem']['request'], mood: Mood): object {
    const [[name, { Keys, ConsistentRead = false }] = ['', { Keys: [] }]] = Object.entries(RequestItems);
    const stored = Keys.slice(0, mood.most).map((key) => this.table(name).get(keyOf(key)));
    const items = stored.filter(seenBy(ConsistentRead, mood)).flatMap((each) => each?.item ?? []);
    const left = Keys.slice(mood.most);
    return { Responses: { [name]: items }, UnprocessedKeys: left.length > 0 ? { [name]: { Keys: left } } : {} };
  }

  #batchWrite({ RequestItems }: Operations['BatchWriteItem']['request'], { most }: Mood): object {
    const [[name, requests] = ['', []]] = Object.entries(RequestItems);
    for (const { PutRequest, DeleteRequest } of requests.slice(0, most)) {
      if (PutRequest) this.table(name).put(PutRequest.Item, this.#nowMs());
      if (DeleteRequest) this.table(name).delete(keyOf(DeleteRequest.Key));
    }
    const left = requests.slice(most);
    return { UnprocessedItems: left.length > 0 ? { [name]: left } : {} };
  }
}

/** Whether a read sees what is stored. */
function seenBy(consistent: boolean | undefined, { blindSinceMs }: Mood): (stored: Stored | undefined) => boolean {
  return (stored) => stored !== undefined && (consistent === true || stored.atMs <= blindSinceMs);
}

/** A query names its partition first. */
function splitKeyCondition(condition: string): { pk: string; rest: string } {
  const [, pk = '', rest = ''] = /^pk = (:\w+)(?: AND (.*))?$/.exec(condition) ?? [];
  return { pk, rest };
}

function conditionFailed(): ServiceError {
  return new ServiceError({ name: 'ConditionalCheckFailedException', message: 'The condition failed', status: 400 });
}

export function canceled(codes: readonly string[]): ServiceError {
  const cancellationReasons = codes.map((Code) => ({ Code }));
  const message = 'Transaction cancelled';
  return new ServiceError({ name: 'TransactionCanceledException', message, status: 400, cancellationReasons });
}
