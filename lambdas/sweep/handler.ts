import { Buffer } from 'node:buffer';
import { Logger } from '@aws-lambda-powertools/logger';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { fullChainName } from '../../src/core/chain/name.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { createDynamoSnapshots } from '../../src/journal/snapshots/dynamodb-snapshots.ts';
import { type ChainHead, createSnapshotKeeper } from '../../src/journal/snapshots/keep-snapshots.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { createTenantReader } from '../../src/views/queries/read-tenant.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { putRecords } from './put-records.ts';

const env = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE', 'SNAPSHOTS_TABLE', 'STREAM_NAME');
const dynamodb = createDynamoDb();
// The client's default is HTTP/2, which only long subscriptions need and not every endpoint speaks.
const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() });
const journal = createDynamoJournal({ client: dynamodb, tableName: env.JOURNAL_TABLE });
const views = createDynamoViews({ client: dynamodb, tableName: env.VIEWS_TABLE });
const readTenant = createTenantReader();
const logger = new Logger();

/** End well before the function's four minutes: one that has begun is still to be written, some 20 MB at most. */
const SNAPSHOTS_BUDGET_MS = 120_000;
const CHAIN_BUDGET_MS = 30_000;
const keepSnapshots = createSnapshotKeeper({
  journal,
  snapshots: {
    store: createDynamoSnapshots({ client: dynamodb, tableName: env.SNAPSHOTS_TABLE }),
    unusable: (message, cause) => logger.warn(message, { cause }),
  },
  failed: (message, cause) => logger.error(message, { cause }),
  now: Date.now,
  budgetMs: SNAPSHOTS_BUDGET_MS,
  chainBudgetMs: CHAIN_BUDGET_MS,
});

/**
 * Rings for each chain whose views are behind. It does not project: the ring goes into the stream, under the key that the
 * chain's own records have, so that a chain is still projected from one place at a time. Then it takes snapshots of chains that
 * have grown much.
 */
export async function handler(): Promise<{ lagging: string[]; snapshots: string[] }> {
  const heads: ChainHead[] = [];
  const onHead = (head: ChainHead) => void heads.push(head);
  const lagging = (await findLaggingChains({ journal, views, readTenant, onHead })).map(fullChainName);
  const records = lagging.map((pk) => ({ PartitionKey: pk, Data: Buffer.from(JSON.stringify({ pk })) }));
  await putRecords({ client: kinesis, streamName: env.STREAM_NAME, records });
  if (lagging.length > 0) logger.info('Rang for chains whose views are behind', { chains: lagging.length });

  const snapshots = (await keepSnapshots(heads)).map(fullChainName);
  if (snapshots.length > 0) logger.info('Took snapshots of chains', { chains: snapshots.length });
  return { lagging, snapshots };
}
