import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type ChainRef, fullChainName } from '../../src/core/chain/name.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { createDynamoSnapshots } from '../../src/journal/snapshots/dynamodb-snapshots.ts';
import { type ChainHead, createSnapshotKeeper } from '../../src/journal/snapshots/keep-snapshots.ts';
import { createTenantReader } from '../../src/views/queries/read-tenant.ts';
import { createDynamoRebuildStore } from '../../src/views/rebuild/dynamodb-rebuild-store.ts';
import type { TenantRebuildOptions } from '../../src/views/rebuild/rebuild-tenant.ts';
import { findLaggingChains } from '../../src/views/sweep/find-lagging-chains.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { putRecords } from './put-records.ts';
import { asksForRebuild, type RebuildAnswer, rebuildChains, rebuildStep } from './rebuild.ts';
import { logger, tellBreach } from './telemetry.ts';

const env = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE', 'SNAPSHOTS_TABLE', 'STREAM_NAME');
const dynamodb = createDynamoDb();
// The client's default is HTTP/2, which only long subscriptions need and not every endpoint speaks.
const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() });
const journal = createDynamoJournal({ client: dynamodb, tableName: env.JOURNAL_TABLE });
const views = createDynamoRebuildStore({ client: dynamodb, tableName: env.VIEWS_TABLE });
const readTenant = createTenantReader();

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

/** Rings in the stream, under the key that the chains' own records have: so that a chain is projected from one place at a time. */
async function ring(refs: readonly ChainRef[]): Promise<void> {
  const pks = refs.map(fullChainName);
  const records = pks.map((pk) => ({ PartitionKey: pk, Data: Buffer.from(JSON.stringify({ pk })) }));
  await putRecords({ client: kinesis, streamName: env.STREAM_NAME, records });
}

const rebuilding: TenantRebuildOptions = {
  journal,
  store: views,
  sha256,
  now: Date.now,
  sleep,
  readTenant,
  ring: (ref) => ring([ref]),
  breach: tellBreach,
};

export interface SweepAnswer {
  lagging: string[];
  snapshots: string[];
  /** Chains that were in doubt, and were rebuilt. */
  rebuilt: string[];
}

/**
 * Rings for each chain whose views are behind; it does not project. Then it rebuilds chains that are in doubt, and takes snapshots
 * of chains that have grown much. Asked with `{ "rebuild": { "tenantId": … } }` it rebuilds the views of a tenant instead, or
 * as much of them as there is time for: what it answers then, sent again, goes on.
 */
export async function handler(event?: unknown): Promise<SweepAnswer | RebuildAnswer> {
  if (asksForRebuild(event)) {
    const answer = await rebuildStep(event, { ...rebuilding, registry: journal, unique: randomUUID });
    logger.info('Rebuilt views', { done: answer.done, ...answer.rebuild });
    return answer;
  }
  const heads: ChainHead[] = [];
  const doubtful: ChainRef[] = [];
  const onHead = (head: ChainHead) => void heads.push(head);
  const onDoubt = (ref: ChainRef) => void doubtful.push(ref);
  const lagging = await findLaggingChains({ journal, views, readTenant, onHead, onDoubt });
  await ring(lagging);
  if (lagging.length > 0) logger.info('Rang for chains whose views are behind', { chains: lagging.length });

  const failed = (ref: ChainRef, error: unknown) =>
    logger.error('Cannot rebuild a chain that is in doubt', { chain: fullChainName(ref), error });
  const rebuilt = await rebuildChains(doubtful, { ...rebuilding, failed, unique: randomUUID });
  if (doubtful.length > 0) logger.warn('Chains were in doubt', { doubtful, rebuilt });

  const snapshots = (await keepSnapshots(heads)).map(fullChainName);
  if (snapshots.length > 0) logger.info('Took snapshots of chains', { chains: snapshots.length });
  return { lagging: lagging.map(fullChainName), snapshots, rebuilt };
}
