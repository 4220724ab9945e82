import { mkdirSync } from 'node:fs';
import { type DynamoDbFront, startDynamoDbFront } from '../dynamodb/front.ts';
import { type Engine, startEngine } from '../dynamodb/engine.ts';
import { createPublisher, type Publisher } from '../dynamodb/publisher.ts';
import { createTables, readTables } from '../dynamodb/tables.ts';
import { createPrincipals, type Principals } from '../iam/principals.ts';
import { startStreams, type Streams } from '../kinesis/streams.ts';
import { loadAssembly } from '../template/assembly.ts';
import { createStack, type Stack } from '../template/stack.ts';
import { createFixture, type Fixture, journalResources, tenantRole } from './fixture.ts';

/** Engine, streams and front over a journal-like table, for tests. */
export interface DynamoDbBench {
  fixture: Fixture;
  stack: Stack;
  engine: Engine;
  streams: Streams;
  publisher: Publisher;
  principals: Principals;
  front: DynamoDbFront;
  tenantRoleArn: string;
  /** One DynamoDB call through the front, by an access key (the account's own by default). */
  call(
    operation: string,
    body: Record<string, unknown>,
    accessKeyId?: string,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

export const tableName = 'Test-Journal';

export async function startDynamoDbBench(): Promise<DynamoDbBench> {
  const fixture = createFixture({
    functions: {
      Writer: {
        code: '',
        statements: [{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: { 'Fn::GetAtt': ['Journal', 'Arn'] } }],
      },
    },
    resources: { ...journalResources, ...tenantRole('WriterRole') },
  });
  mkdirSync(fixture.dataDir);
  const stack = testStack(fixture);
  const log = () => undefined;
  const engine = await startEngine({ dataDir: fixture.dataDir, log });
  const streams = await startStreams(stack, {
    place: 'thread',
    log: () => undefined,
    restarted: () => undefined,
    gaveUp: () => undefined,
  });
  await createTables({ stack, endpoint: engine.url });
  const publisher = createPublisher({ streams, log });
  const principals = createPrincipals(stack);
  const front = await startDynamoDbFront({
    engineUrl: engine.url,
    region: stack.region,
    tables: readTables(stack),
    principals,
    publisher,
    groupWrites: true,
    log,
  });
  return {
    fixture,
    stack,
    engine,
    streams,
    publisher,
    principals,
    front,
    tenantRoleArn: stack.arn('TenantRole'),
    call: (operation, body, accessKeyId) =>
      signedCall({ url: front.url, operation, body, ...(accessKeyId === undefined ? {} : { accessKeyId }) }),
    async stop() {
      await front.stop();
      await streams.stop();
      await engine.stop();
      fixture.remove();
    },
  };
}

export function testStack(fixture: Fixture): Stack {
  return createStack(loadAssembly(fixture.assemblyDir), {
    region: 'ap-southeast-2',
    accountId: '000000000000',
    apiUrl: 'http://127.0.0.1:1',
    awsUrl: 'http://127.0.0.1:2',
    generatedSecret: (name) => `secret-of-${name}`,
  });
}

export async function signedCall(options: {
  url: string;
  operation: string;
  body: Record<string, unknown>;
  accessKeyId?: string;
}): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(options.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${options.operation}`,
      'x-amz-date': '20261121T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${options.accessKeyId ?? 'test'}/20261121/ap-southeast-2/dynamodb/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify(options.body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
