import { createDynamoDb, type DynamoDb } from '../../src/dynamodb/client.ts';
import { startEngine } from '../../src/local/dynamodb/engine.ts';

export const JOURNAL_TABLE = 'journal';
export const VIEWS_TABLE = 'views';
export const SNAPSHOTS_TABLE = 'snapshots';

/** The embedded engine on a file of its own, with the ledger's tables. */
export interface Store {
  /** A client with connections of its own, as every process would have. */
  connect(): DynamoDb;
  stop(): Promise<void>;
}

export async function openStore(dataDir: string): Promise<Store> {
  const engine = await startEngine({ dataDir, log: (line) => console.error(line) });
  const address = { region: 'local', endpoint: new URL(engine.url) };
  const clients: DynamoDb[] = [];
  for (const [table, sortKey] of [
    [JOURNAL_TABLE, 'N'],
    [VIEWS_TABLE, 'S'],
    [SNAPSHOTS_TABLE, 'S'],
  ] as const) {
    await createTable(engine.url, table, sortKey);
  }
  return {
    connect() {
      const client = createDynamoDb({
        address,
        credentials: () => ({ accessKeyId: 'bench', secretAccessKey: 'bench' }),
      });
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.close();
      await engine.stop();
    },
  };
}

/** With the keys that the template gives them; the index of tenants is for the journal's alone, and nobody asks it here. */
async function createTable(url: string, TableName: string, sortKeyType: 'N' | 'S'): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.CreateTable',
      'x-amz-date': '20250101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=bench/20250101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: JSON.stringify({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: sortKeyType },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  });
  if (response.ok) return;
  const reason = await response.text();
  // A store that is opened again has its tables.
  if (!reason.includes('ResourceInUseException')) throw new Error(`Cannot create table "${TableName}": ${reason}`);
}
