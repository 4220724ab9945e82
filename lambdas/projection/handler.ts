import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { createChainProjector } from '../../src/views/projection/chain-projector.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import { keepSpoilt } from '../../src/views/monitor/spoilt-commits.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { createPace } from '../../src/views/store/pace.ts';
import { withSharedPuts } from '../../src/views/store/shared-puts.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { readRings } from './doorbells.ts';
import { logger, metrics, monitor } from './telemetry.ts';

const env = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE');
const client = createDynamoDb();
const pace = createPace({ now: () => performance.now(), sleep });
const store = pace.counting(withSharedPuts(createDynamoViews({ client, tableName: env.VIEWS_TABLE })));
const projector = createChainProjector({
  journal: createDynamoJournal({ client, tableName: env.JOURNAL_TABLE }),
  store,
  sha256,
  monitor: {
    ...monitor,
    projected(progress) {
      pace.projected(progress.lagMs);
      monitor.projected(progress);
    },
  },
  now: Date.now,
});

/** Brings the views of each chain that the stream names up to date. */
export async function handler(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> {
  try {
    await pace.turn();
    const rings = readRings(event.Records);
    const changed = rings.flatMap(({ changed: commit }) => (commit ? [commit] : []));
    await keepSpoilt(store, changed, (breach) => monitor.breach(breach));
    const doorbells = rings.map(({ doorbell }) => doorbell);
    const failures = await projectBatch(doorbells, projector);
    for (const { ref, error } of failures)
      logger.error('Cannot project a chain, the stream delivers again', { ...ref, error });
    return { batchItemFailures: failures.map(({ recordId }) => ({ itemIdentifier: recordId })) };
  } finally {
    metrics.publishStoredMetrics();
  }
}
