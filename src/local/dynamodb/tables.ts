import type { TableKeys } from '../iam/dynamodb-access.ts';
import type { Stack, StackResource } from '../template/stack.ts';

export interface Table extends TableKeys {
  logicalId: string;
  name: string;
  sortKey: string | undefined;
  /** Name of the Kinesis stream that gets this table's changes. */
  streamName: string | undefined;
}

interface KeyElement {
  AttributeName: string;
  KeyType: 'HASH' | 'RANGE';
}

interface Index {
  IndexName: string;
  KeySchema: KeyElement[];
  Projection: unknown;
}

const waitLimitMs = 30_000;

/** The tables of the template, with what requests to them need to know. */
export function readTables(stack: Stack): Table[] {
  return stack.resources('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map((resource) => {
    const keySchema = resource.required('KeySchema') as KeyElement[];
    const indexes = [
      ...((resource.property('GlobalSecondaryIndexes') ?? []) as Index[]),
      ...((resource.property('LocalSecondaryIndexes') ?? []) as Index[]),
    ];
    const streamArn = streamSpecification(resource)?.StreamArn;
    return {
      logicalId: resource.logicalId,
      name: resource.physicalName,
      arn: stack.arn(resource.logicalId),
      partitionKey: keyName(keySchema, 'HASH') ?? '',
      sortKey: keyName(keySchema, 'RANGE'),
      partitionKeyByIndex: Object.fromEntries(
        indexes.map((index) => [index.IndexName, keyName(index.KeySchema, 'HASH') ?? '']),
      ),
      streamName: streamArn?.slice(streamArn.lastIndexOf('/') + 1),
    };
  });
}

/**
 * Creates what is missing. A table that exists stays as it is, and must have the key schema of the template.
 * Resolves with the number of tables that existed.
 */
export async function createTables({ stack, endpoint }: { stack: Stack; endpoint: string }): Promise<number> {
  let found = 0;
  await Promise.all(
    stack.resources('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(async (resource) => {
      const definition = tableDefinition(resource);
      const existing = await describe(endpoint, resource.physicalName);
      if (existing !== undefined) {
        requireSameKeys(resource, existing, definition);
        found++;
        return;
      }
      await callEngine({ endpoint, operation: 'CreateTable', body: definition });
      for (const deadline = Date.now() + waitLimitMs; ;) {
        if ((await describe(endpoint, resource.physicalName))?.['TableStatus'] === 'ACTIVE') return;
        if (Date.now() > deadline)
          throw new Error(`Cannot create table "${resource.physicalName}": not active after ${waitLimitMs} ms`);
      }
    }),
  );
  return found;
}

function tableDefinition(resource: StackResource): Record<string, unknown> {
  const indexes = (name: string) =>
    ((resource.property(name) ?? []) as Index[]).map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    }));
  const global = indexes('GlobalSecondaryIndexes');
  const local = indexes('LocalSecondaryIndexes');
  return {
    TableName: resource.physicalName,
    KeySchema: resource.required('KeySchema'),
    AttributeDefinitions: resource.required('AttributeDefinitions'),
    BillingMode: 'PAY_PER_REQUEST',
    ...(global.length > 0 ? { GlobalSecondaryIndexes: global } : {}),
    ...(local.length > 0 ? { LocalSecondaryIndexes: local } : {}),
  };
}

function requireSameKeys(
  resource: StackResource,
  existing: Record<string, unknown>,
  wanted: Record<string, unknown>,
): void {
  const keys = (table: Record<string, unknown>) =>
    JSON.stringify([
      table['KeySchema'],
      ((table['GlobalSecondaryIndexes'] ?? []) as Index[])
        .map(({ IndexName, KeySchema }) => [IndexName, KeySchema] as const)
        .sort(([a], [b]) => a.localeCompare(b)),
    ]);
  if (keys(existing) === keys(wanted)) return;
  throw new Error(
    `Cannot use the stored table "${resource.physicalName}": its keys are ${keys(existing)}, the template says ${keys(wanted)}. Move the data directory away, or undo the change`,
  );
}

async function describe(endpoint: string, tableName: string): Promise<Record<string, unknown> | undefined> {
  try {
    const answer = await callEngine({ endpoint, operation: 'DescribeTable', body: { TableName: tableName } });
    return answer['Table'] as Record<string, unknown>;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function streamSpecification(resource: StackResource): { StreamArn: string } | undefined {
  // TableV2 is a global table: its settings by Region stand in its replicas.
  const replicas = resource.property('Replicas') as
    { KinesisStreamSpecification?: { StreamArn: string } }[] | undefined;
  return (
    (resource.property('KinesisStreamSpecification') as { StreamArn: string } | undefined) ??
    replicas?.[0]?.KinesisStreamSpecification
  );
}

function keyName(schema: KeyElement[], keyType: KeyElement['KeyType']): string | undefined {
  return schema.find((element) => element.KeyType === keyType)?.AttributeName;
}

class EngineError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What engines want to see of a signature; none of them checks its value. The same for all callers: who may do what
 * was decided before, and some engines keep a database for each access key.
 */
export const engineAuthorization =
  'AWS4-HMAC-SHA256 Credential=LOCAL/20260101/local/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000';

/** Headers of a request that is the local cloud's own. */
export function engineHeaders(operation: string): Record<string, string> {
  return {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${operation}`,
    'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
    authorization: engineAuthorization,
  };
}

/** One DynamoDB call. */
export async function callEngine(options: {
  endpoint: string;
  operation: string;
  body: unknown;
}): Promise<Record<string, unknown>> {
  const response = await fetch(options.endpoint, {
    method: 'POST',
    headers: engineHeaders(options.operation),
    body: JSON.stringify(options.body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.ok) return answer;
  const code = String(answer['__type']).replace(/^.*#/, '');
  throw new EngineError(
    code,
    `Cannot ${options.operation}: ${code}: ${String(answer['message'] ?? answer['Message'])}`,
  );
}
