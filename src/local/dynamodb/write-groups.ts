import { randomUUID } from 'node:crypto';
import type { CapacityMeter } from './capacity.ts';
import type { EngineAnswer, EngineClient } from './engine-client.ts';

/**
 * Hands writes that come at the same time to the engine together. The embedded engine performs one transaction after the
 * other and waits for the disk in each: `BatchWriteItem` of 25 items is 25 transactions there, and so are 25 puts.
 * As one `TransactWriteItems` they wait once, and every write is on disk before it is answered, as it is alone.
 */
export interface WriteGroups {
  /**
   * Performs a write together with others, or `alone` where the others' fate could change its own or its answer.
   * Resolves with the answer that the engine would have given it alone.
   */
  send(write: Write): Promise<EngineAnswer>;
}

export interface Write {
  operation: string;
  parsed: Record<string, unknown>;
  body: Buffer;
  /** Performs this write as its client sent it, units counted. */
  alone(): Promise<EngineAnswer>;
}

/** DynamoDB's limits on a transaction are 100 actions and 4 MB. */
const actionsPerGroup = 100;
const bytesPerGroup = 3 * 1024 * 1024;

/** Members of a put that mean the same as an action of a transaction. Any other makes it go alone. */
const putMembers = new Set([
  'TableName',
  'Item',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
]);

interface Member {
  write: Write;
  /** Actions of the transaction, as JSON. */
  actions: (string | Buffer)[];
  count: number;
  bytes: number;
  tableNames: string[];
  settle(answer: EngineAnswer | Promise<EngineAnswer>): void;
}

/** Actions of one request; `settle` is added when it waits. */
type Part = Pick<Member, 'actions' | 'count' | 'bytes' | 'tableNames'>;

export function createWriteGroups(options: {
  engine: EngineClient;
  capacity: CapacityMeter;
  headers(operation: string): Record<string, string>;
}): WriteGroups {
  const { engine, capacity } = options;
  // Puts do not wait behind batches and may hold conditions, which batches do not: one group of each is under way at a time.
  const lanes = new Map([
    ['PutItem', { waiting: [] as Member[], busy: false }],
    ['BatchWriteItem', { waiting: [] as Member[], busy: false }],
  ]);

  async function drain(lane: { waiting: Member[]; busy: boolean }): Promise<void> {
    lane.busy = true;
    while (lane.waiting.length > 0) {
      const group = takeGroup(lane.waiting);
      try {
        await perform(group);
      } catch (error) {
        // Whether it was done is unknown, as when a single write's answer is lost: nobody's write is tried again here.
        for (const { settle } of group) settle(Promise.reject(error));
      }
    }
    lane.busy = false;
  }

  async function perform(group: Member[]): Promise<void> {
    const [only] = group;
    const actions = group.reduce((sum, { count }) => sum + count, 0);
    if (only !== undefined && actions === 1) return only.settle(await only.write.alone());
    const answer = await engine.send({
      path: '/',
      method: 'POST',
      headers: options.headers('TransactWriteItems'),
      body: transaction(group),
    });
    if (answer.status !== 200) {
      // One of them spoils it for all, and nothing was done: each learns alone how it fares.
      for (const { settle, write } of group) settle(write.alone());
      return;
    }
    capacity.addGroup({ answer: answer.body, tableNames: group.flatMap(({ tableNames }) => tableNames) });
    for (const { settle, write } of group) settle(taken(write.operation));
  }

  return {
    send(write) {
      const lane = lanes.get(write.operation);
      const part = lane === undefined ? undefined : partOf(write);
      if (lane === undefined || part === undefined) return write.alone();
      return new Promise((resolve) => {
        lane.waiting.push({ ...part, write, settle: resolve });
        if (!lane.busy) void drain(lane);
      });
    },
  };
}

/** Takes from the front of the queue what fits into one transaction. */
function takeGroup(waiting: Member[]): Member[] {
  let actions = 0;
  let bytes = 0;
  let size = 0;
  for (const member of waiting) {
    actions += member.count;
    bytes += member.bytes;
    if (size > 0 && (actions > actionsPerGroup || bytes > bytesPerGroup)) break;
    size++;
  }
  return waiting.splice(0, size);
}

function transaction(group: Member[]): Buffer {
  const pieces: Buffer[] = [];
  for (const { actions } of group) {
    for (const action of actions) {
      pieces.push(pieces.length === 0 ? opening : comma, typeof action === 'string' ? Buffer.from(action) : action);
    }
  }
  return Buffer.concat([...pieces, closing]);
}

const opening = Buffer.from('{"TransactItems":[');
const comma = Buffer.from(',');
const closing = Buffer.from('],"ReturnConsumedCapacity":"INDEXES"}');

/** The actions that a write consists of; undefined when it has to go alone. */
function partOf({ operation, parsed, body }: Write): Part | undefined {
  if (body.length > bytesPerGroup) return undefined;
  return operation === 'PutItem' ? partOfPut(parsed, body) : partOfBatch(parsed, body);
}

function partOfPut(parsed: Record<string, unknown>, body: Buffer): Part | undefined {
  const tableName = parsed['TableName'];
  if (typeof tableName !== 'string' || !Object.keys(parsed).every((member) => putMembers.has(member))) return undefined;
  const actions = [Buffer.concat([putOpening, body, putClosing])];
  return { actions, count: 1, bytes: body.length, tableNames: [tableName] };
}

const putOpening = Buffer.from('{"Put":');
const putClosing = Buffer.from('}');

interface BatchRequest {
  PutRequest?: { Item?: unknown };
  DeleteRequest?: { Key?: unknown };
}

function partOfBatch(parsed: Record<string, unknown>, body: Buffer): Part | undefined {
  const { RequestItems, ...others } = parsed;
  if (Object.keys(others).length > 0 || typeof RequestItems !== 'object' || RequestItems === null) return undefined;
  const tableNames = Object.keys(RequestItems);
  const actions: string[] = [];
  for (const [tableName, requests] of Object.entries(RequestItems as Record<string, unknown>)) {
    if (!Array.isArray(requests)) return undefined;
    const TableName = JSON.stringify(tableName);
    for (const request of requests as (BatchRequest | null)[]) {
      const { PutRequest, DeleteRequest, ...unknown } = request ?? {};
      if (Object.keys(unknown).length > 0) return undefined;
      if (PutRequest?.Item !== undefined && DeleteRequest === undefined)
        actions.push(`{"Put":{"TableName":${TableName},"Item":${JSON.stringify(PutRequest.Item)}}}`);
      else if (DeleteRequest?.Key !== undefined && PutRequest === undefined)
        actions.push(`{"Delete":{"TableName":${TableName},"Key":${JSON.stringify(DeleteRequest.Key)}}}`);
      else return undefined;
    }
  }
  // A batch takes 25 at most: one with more is the engine's to refuse, in its own words.
  if (actions.length === 0 || actions.length > 25) return undefined;
  return { actions: [actions.join(',')], count: actions.length, bytes: body.length, tableNames };
}

/** A success as the engine tells it to those who asked for nothing more. */
function taken(operation: string): EngineAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
    body: operation === 'PutItem' ? empty : noneUnprocessed,
  };
}

const empty = Buffer.from('{}');
const noneUnprocessed = Buffer.from('{"UnprocessedItems":{}}');
