import { Buffer } from 'node:buffer';
import { Logger } from '@aws-lambda-powertools/logger';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { fullChainName } from '../../src/core/chain/name.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { createTenantReader } from '../../src/views/queries/read-tenant.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { putRecords } from './put-records.ts';

const env = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE', 'STREAM_NAME');
const dynamodb = createDynamoDb();
// The client's default is HTTP/2, which only long subscriptions need and not every endpoint speaks.
const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() });
const journal = createDynamoJournal({ client: dynamodb, tableName: env.JOURNAL_TABLE });
const views = createDynamoViews({ client: dynamodb, tableName: env.VIEWS_TABLE });
const readTenant = createTenantReader();
const logger = new Logger();

/**
 * Rings for each chain whose views are behind. It does not project: the ring goes into the stream, under the key that the
 * chain's own records have, so that a chain is still projected from one place at a time.
 */
export async function handler(): Promise<{ lagging: string[] }> {
  const lagging = (await findLaggingChains({ journal, views, readTenant })).map(fullChainName);
  const records = lagging.map((pk) => ({ PartitionKey: pk, Data: Buffer.from(JSON.stringify({ pk })) }));
  await putRecords({ client: kinesis, streamName: env.STREAM_NAME, records });
  if (lagging.length > 0) logger.info('Rang for chains whose views are behind', { chains: lagging.length });
  return { lagging };
}
