import { Buffer } from 'node:buffer';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { pagesOf } from '../../src/dynamodb/pages.ts';
import type { AttributeValue, Item } from '../../src/dynamodb/wire.ts';
import type { Cloud } from '../../src/local/index.ts';

/** What DynamoDB adds to each item when it counts storage. */
const ITEM_OVERHEAD_BYTES = 100;
/** Any region and any key reach the local cloud. */
const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * Bytes of journal and views as DynamoDB bills storage: names and values of the attributes, and 100 bytes an item.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export async function storedBytes({ endpoints, outputs }: Pick<Cloud, 'endpoints' | 'outputs'>): Promise<number> {
  const client = createDynamoDb({
    address: { region: REGION, endpoint: new URL(endpoints.dynamodb) },
    credentials: () => CREDENTIALS,
  });
  let bytes = 0;
  try {
    for (const TableName of [outputs['JournalTableName'] ?? '', outputs['ViewsTableName'] ?? '']) {
      for await (const page of pagesOf((start) => client.send('Scan', { TableName, ...start })))
        for (const item of page) bytes += itemBytes(item) + ITEM_OVERHEAD_BYTES;
    }
  } finally {
    client.close();
  }
  return bytes;
}

export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

/** A number takes a byte for two digits, and one more. */
function valueBytes({ S, N, B }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (B !== undefined) return Buffer.byteLength(B, 'base64');
  return Math.ceil((N ?? '').replace(/^-|\./g, '').length / 2) + 1;
}
