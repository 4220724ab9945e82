import { isAllowed } from './policy.ts';
import { type Principal, requestContext } from './principals.ts';

/** Key schema of a table, as the access check needs it. */
export interface TableKeys {
  arn: string;
  partitionKey: string;
  partitionKeyByIndex: Record<string, string>;
}

interface Access {
  action: string;
  tableName: string;
  indexName?: string;
  leadingKeys: string[] | undefined;
}

type Json = Record<string, unknown>;

/**
 * Checks a DynamoDB request against the policies of its session, part by part, as IAM does for batches and
 * transactions. Returns the text of AWS's refusal, or undefined when everything is allowed.
 */
export function refuseAccess(options: {
  principal: Principal;
  operation: string;
  body: Json;
  table(name: string): TableKeys | undefined;
}): string | undefined {
  const { principal, operation, body, table } = options;
  for (const access of accesses(operation, body, table)) {
    const keys = table(access.tableName);
    // A table that does not exist is the engine's to report.
    if (keys === undefined && access.tableName !== '*') continue;
    const resource =
      keys === undefined ? '*' : access.indexName === undefined ? keys.arn : `${keys.arn}/index/${access.indexName}`;
    const action = `dynamodb:${access.action}`;
    const context = { ...requestContext(principal), 'dynamodb:LeadingKeys': access.leadingKeys };
    if (!isAllowed(principal.statements, { action, resource, context })) {
      return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
    }
  }
  return undefined;
}

function* accesses(operation: string, body: Json, table: (name: string) => TableKeys | undefined): Generator<Access> {
  const tableName = typeof body['TableName'] === 'string' ? tableNameOf(body['TableName']) : '*';
  const keyOf = (name: string, item: unknown) => {
    const keys = table(name);
    const value = keys === undefined ? undefined : attributeText((item as Json | undefined)?.[keys.partitionKey]);
    return value === undefined ? undefined : [value];
  };
  switch (operation) {
    case 'GetItem':
    case 'DeleteItem':
    case 'UpdateItem':
      yield { action: operation, tableName, leadingKeys: keyOf(tableName, body['Key']) };
      return;
    case 'PutItem':
      yield { action: operation, tableName, leadingKeys: keyOf(tableName, body['Item']) };
      return;
    case 'Query': {
      const indexName = typeof body['IndexName'] === 'string' ? body['IndexName'] : undefined;
      const keys = table(tableName);
      const partitionKey = indexName === undefined ? keys?.partitionKey : keys?.partitionKeyByIndex[indexName];
      const value = partitionKey === undefined ? undefined : queriedKey(body, partitionKey);
      yield {
        action: operation,
        tableName,
        ...(indexName === undefined ? {} : { indexName }),
        leadingKeys: value === undefined ? undefined : [value],
      };
      return;
    }
    case 'BatchGetItem':
    case 'BatchWriteItem':
      for (const [name, requests] of Object.entries((body['RequestItems'] ?? {}) as Json)) {
        const items =
          operation === 'BatchGetItem'
            ? ((requests as { Keys?: unknown[] }).Keys ?? [])
            : (requests as { PutRequest?: { Item: unknown }; DeleteRequest?: { Key: unknown } }[]).map(
                (request) => request.PutRequest?.Item ?? request.DeleteRequest?.Key,
              );
        const plain = tableNameOf(name);
        const leadingKeys = items.map((item) => keyOf(plain, item)?.[0]);
        yield {
          action: operation,
          tableName: plain,
          leadingKeys: leadingKeys.every((key) => key !== undefined) ? leadingKeys : undefined,
        };
      }
      return;
    case 'TransactWriteItems':
    case 'TransactGetItems':
      for (const part of (body['TransactItems'] ?? []) as Record<string, Json>[]) {
        const [kind, request] = Object.entries(part)[0] ?? [];
        if (kind === undefined || request === undefined) continue;
        const plain = tableNameOf(String(request['TableName']));
        const action = kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`;
        yield { action, tableName: plain, leadingKeys: keyOf(plain, request['Item'] ?? request['Key']) };
      }
      return;
    default:
      yield { action: operation, tableName, leadingKeys: undefined };
  }
}

/** Value of the partition key in `#pk = :pk AND sk > :sk`, or undefined when the condition does not fix it. */
function queriedKey(body: Json, partitionKey: string): string | undefined {
  const names = (body['ExpressionAttributeNames'] ?? {}) as Record<string, string>;
  const values = (body['ExpressionAttributeValues'] ?? {}) as Json;
  const condition = body['KeyConditionExpression'];
  if (typeof condition !== 'string') return undefined;
  for (const match of condition.matchAll(/(#?[\w.-]+)\s*=\s*(:\w+)/g)) {
    const [, name = '', value = ''] = match;
    if ((names[name] ?? name) === partitionKey) return attributeText(values[value]);
  }
  return undefined;
}

function attributeText(attribute: unknown): string | undefined {
  const value = Object.values((attribute ?? {}) as Json)[0];
  return typeof value === 'string' ? value : undefined;
}

function tableNameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn;
}
