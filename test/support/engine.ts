import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDb, type DynamoDb } from '../../src/dynamodb/client.ts';

const BINARY = fileURLToPath(new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url));
const START_TIMEOUT_MS = 10_000;

export interface Engine {
  endpoint: string;
  client: DynamoDb;
  /** Another client of the same engine, with connections of its own. */
  connect(): DynamoDb;
  /** The AWS SDK's client, a second opinion on what is there. */
  sdk: DynamoDBClient;
  stop(): Promise<void>;
}

export const JOURNAL_TABLE = 'journal';
export const VIEWS_TABLE = 'views';
export const SNAPSHOTS_TABLE = 'snapshots';

/** Starts the embedded engine on a file of its own, with all tables. `DYNAMODB_ENDPOINT` puts another server in its place. */
export async function startEngine(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'turing-engine-'));
  const external = process.env['DYNAMODB_ENDPOINT'];
  const port = external ? 0 : await freePort();
  const endpoint = external ?? `http://127.0.0.1:${port}`;
  const child = external
    ? undefined
    : spawn(BINARY, ['serve', '--port', String(port), '--db-path', join(folder, 'engine.db')], { stdio: 'ignore' });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const sdk = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  await untilReady(sdk);
  await createTables(sdk);
  const opened: DynamoDb[] = [];
  const connect = () => {
    const address = { region: 'us-east-1', endpoint: new URL(endpoint) };
    const client = createDynamoDb({ address, credentials: () => credentials });
    opened.push(client);
    return client;
  };
  return {
    endpoint,
    client: connect(),
    connect,
    sdk,
    async stop() {
      sdk.destroy();
      for (const client of opened) client.close();
      if (child) await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createTables(client: DynamoDBClient): Promise<void> {
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  if (!TableNames.includes(JOURNAL_TABLE)) {
    await client.send(
      new CreateTableCommand({
        TableName: JOURNAL_TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'N' },
          { AttributeName: 'registry', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'registry',
            KeySchema: [
              { AttributeName: 'registry', KeyType: 'HASH' },
              { AttributeName: 'pk', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    );
  }
  for (const TableName of [VIEWS_TABLE, SNAPSHOTS_TABLE].filter((name) => !TableNames.includes(name))) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  }
}

async function untilReady(client: DynamoDBClient): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (cause) {
      if (performance.now() > deadline) throw new Error('Cannot reach the engine', { cause });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port')),
      );
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
