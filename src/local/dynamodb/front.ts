import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { refuseAccess } from '../iam/dynamodb-access.ts';
import type { Principals } from '../iam/principals.ts';
import { listen, stopServer } from '../http/listen.ts';
import { isLoopbackHost } from '../http/loopback-host.ts';
import { readBody } from '../http/read-body.ts';
import { askForCapacity, type CapacityMeter, createCapacityMeter } from './capacity.ts';
import { type Change, changeRecord, changesOf, type Item, withoutUnprocessed } from './change-records.ts';
import { createEngineClient, type EngineAnswer } from './engine-client.ts';
import { type Fault, faultAnswer, type FaultPlan, splitBatch } from './faults.ts';
import type { Publisher } from './publisher.ts';
import { callEngine, engineAuthorization, engineHeaders, type Table } from './tables.ts';
import { createWriteGroups } from './write-groups.ts';

export interface DynamoDbFront {
  url: string;
  capacity: CapacityMeter;
  /** For tests and drills: faults before and behind the engine; undefined ends them. */
  setFaults(plan: FaultPlan | undefined): void;
  stop(): Promise<void>;
}

interface Options {
  engineUrl: string;
  region: string;
  tables: Table[];
  principals: Principals;
  publisher: Publisher;
  /** Whether writes that come at the same time may reach the engine as one transaction: good for the embedded engine only. */
  groupWrites: boolean;
  /** Told how the engine answered each write. */
  answered?(answer: EngineAnswer): void;
  log(line: string): void;
}

/** Larger than anything DynamoDB takes (16 MB in a batch). */
const bodyLimitBytes = 32 * 1024 * 1024;
const streamable = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);
const forwarded = ['content-type', 'x-amz-target', 'x-amz-date'] as const;

/**
 * Stands before the engine and adds what AWS does around DynamoDB: access by credentials, consumed units,
 * change records into Kinesis, and (when asked) faults. Bodies pass as bytes; they are parsed only where a
 * check or a change record needs it.
 */
export async function startDynamoDbFront(options: Options): Promise<DynamoDbFront> {
  const { engineUrl, tables, principals, publisher, region } = options;
  const engine = createEngineClient(engineUrl);
  const capacity = createCapacityMeter();
  const groups = options.groupWrites ? createWriteGroups({ engine, capacity, headers: engineHeaders }) : undefined;
  const byName = new Map(tables.map((table) => [table.name, table]));
  const streamed = (name: string) => {
    const table = byName.get(name.startsWith('arn:') ? name.slice(name.lastIndexOf('/') + 1) : name);
    return table?.streamName === undefined ? undefined : table;
  };
  const hasStreams = tables.some((table) => table.streamName !== undefined);
  let faults: FaultPlan | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isLoopbackHost(request.headers.host)) {
      answerError(
        response,
        'com.amazon.coral.service#AccessDeniedException',
        'The local cloud answers to this machine only',
      );
      return;
    }
    const received = await readBody(request, bodyLimitBytes);
    if (received === undefined)
      return answerError(response, 'com.amazon.coral.service#SerializationException', 'The request is too large', 413);
    const operation = String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
    const principal = principals.byAccessKey(accessKeyId(request.headers.authorization));
    if (principal === 'unknown') {
      answerError(
        response,
        'com.amazon.coral.service#UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
      return;
    }
    const isWrite = streamable.has(operation);
    const mayStream = hasStreams && isWrite;
    const mayGroup = groups !== undefined && isWrite;
    const parsed = principal !== 'administrator' || mayStream || mayGroup ? parseBody(received) : undefined;
    if (principal !== 'administrator' && parsed !== undefined) {
      const refusal = refuseAccess({ principal, operation, body: parsed, table: (name) => byName.get(name) });
      if (refusal !== undefined) {
        answerError(response, 'com.amazon.coral.service#AccessDeniedException', refusal);
        return;
      }
    }
    const fault = faults?.({ operation, body: received });
    if (fault !== undefined && (await actOut(fault, { operation, request, response }))) return;

    const changes = mayStream && parsed !== undefined ? changesOf(operation, parsed, streamed) : [];
    if (changes.length > 0) await publisher.room();
    const split = fault?.kind === 'unprocessed' && operation === 'BatchWriteItem' ? splitBatch(received) : undefined;
    const body = split?.body ?? received;
    const alone = () => forward({ request, operation, body, parsed });
    let answer =
      groups === undefined || parsed === undefined || split !== undefined
        ? await alone()
        : await groups.send({ operation, parsed, body, alone });
    if (isWrite) options.answered?.(answer);
    if (split !== undefined && answer.status === 200) answer = withUnprocessed(answer, split.unprocessed);
    if (changes.length > 0 && answer.status === 200) await publish(withoutUnprocessed(changes, answer.body));
    if (fault?.kind === 'lost-answer') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    response.end(answer.body);
  }

  /** Passes a request on as its client sent it, and counts its units. */
  async function forward(given: {
    request: IncomingMessage;
    operation: string;
    body: Buffer;
    parsed: Record<string, unknown> | undefined;
  }): Promise<EngineAnswer> {
    const { request, operation, parsed } = given;
    const headers: Record<string, string> = { authorization: engineAuthorization };
    for (const name of forwarded) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    const body = askForCapacity({ operation, body: given.body, parsed });
    const answer = await engine.send({ path: request.url ?? '/', method: request.method ?? 'POST', headers, body });
    capacity.add({ operation, request: body, status: answer.status, answer: answer.body });
    return answer;
  }

  async function publish(changes: Change[]): Promise<void> {
    for (const change of changes) {
      const newImage =
        change.kind === 'put' ? change.item : change.kind === 'update' ? await readItem(change) : undefined;
      const record = changeRecord({ change, newImage, region, atMs: Date.now() });
      publisher.publish(change.table.streamName ?? '', [record]);
    }
  }

  /** An update's answer need not hold the new item, so it is read again, at the cost of a possible later image. */
  async function readItem({ table, item }: Change): Promise<Item | undefined> {
    const body = { TableName: table.name, Key: item, ConsistentRead: true };
    return (await callEngine({ endpoint: engineUrl, operation: 'GetItem', body }))['Item'] as Item | undefined;
  }

  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      options.log(`DynamoDB request failed: ${(error as Error).message}`);
      if (response.headersSent) response.destroy();
      else
        answerError(
          response,
          'com.amazonaws.dynamodb.v20120810#InternalServerError',
          'The request could not be completed',
          500,
        );
    });
  });
  server.keepAliveTimeout = 60_000;
  return {
    url: await listen(server, 0),
    capacity,
    setFaults(plan) {
      faults = plan;
    },
    async stop() {
      await stopServer(server);
      await publisher.stop();
      await engine.stop();
    },
  };
}

/** Performs a fault that comes before the engine. True when the request is thereby finished. */
async function actOut(
  fault: Fault,
  context: { operation: string; request: IncomingMessage; response: ServerResponse },
): Promise<boolean> {
  if (fault.kind === 'delay') await sleep(fault.delayMs);
  if (fault.kind === 'reset') {
    context.request.socket.resetAndDestroy();
    return true;
  }
  const answer = faultAnswer(fault, context.operation);
  if (answer === undefined) return false;
  context.response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
  context.response.end(answer.body);
  return true;
}

function withUnprocessed(answer: EngineAnswer, unprocessed: Record<string, unknown[]>): EngineAnswer {
  const body = Buffer.from(
    JSON.stringify({ ...(JSON.parse(answer.body.toString()) as object), UnprocessedItems: unprocessed }),
  );
  return { status: answer.status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
}

function answerError(response: ServerResponse, type: string, message: string, status = 400): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  // AccessDeniedException spells its field with a capital letter, the others do not: both are given.
  response.end(JSON.stringify({ __type: type, message, Message: message }));
}

function parseBody(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    return {}; // the engine words the refusal; without keys nothing is allowed to a tenant session
  }
}

function accessKeyId(authorization: string | undefined): string {
  const at = authorization?.indexOf('Credential=') ?? -1;
  if (authorization === undefined || at < 0) return '';
  return authorization.slice(at + 'Credential='.length, authorization.indexOf('/', at));
}
