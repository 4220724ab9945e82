import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { LIMITS } from '../../src/contract/limits.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { openReplica } from '../../src/journal/replica.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { createDynamoSnapshots } from '../../src/journal/snapshots/dynamodb-snapshots.ts';
import { createTenantClients } from '../../src/journal/tenant-credentials.ts';
import { createCommandMetrics } from '../middleware/command-metrics.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import {
  httpErrors,
  type HttpEvent,
  type HttpResult,
  jsonBody,
  principalOf,
  renderReplies,
  renderReply,
} from '../middleware/http.ts';
import { submissionOf } from '../middleware/submission.ts';

const { JOURNAL_TABLE, SNAPSHOTS_TABLE, TENANT_ROLE_ARN } = requireEnvironment(
  'JOURNAL_TABLE',
  'SNAPSHOTS_TABLE',
  'TENANT_ROLE_ARN',
);
const count = createCommandMetrics(new Metrics());
const clientOf = createTenantClients({ roleArn: TENANT_ROLE_ARN });

const gateway = createGateway({
  journalOf: (tenantId) => createDynamoJournal({ client: clientOf(tenantId), tableName: JOURNAL_TABLE }),
  openReplica: (journal, ref) =>
    openReplica(journal, ref, {
      snapshots: {
        store: createDynamoSnapshots({ client: clientOf(ref.tenantId), tableName: SNAPSHOTS_TABLE }),
        unusable: (message, cause) =>
          console.warn(
            JSON.stringify({ level: 'WARN', message, cause: cause instanceof Error ? cause.message : cause }),
          ),
      },
    }),
  sha256,
  now: () => new Date().toISOString(),
  onCommit: count.commits,
});

/** Of the function's time, what is kept for a turn that begins late (8 s with all its appends) and for its answers. */
const APPEND_AND_ANSWER_MS = 10_000;
/**
 * Longest that a command waits for its turn. Longer than a turn's appends take, so that who waits behind one that cannot reach
 * the journal learns that too. And what still waits when an overload ends delays whoever comes then: within 10 s of the end all
 * is to be as fast as before.
 */
const PATIENCE_MS = 9_000;

/** The one way in: commands, one by one or in batches. */
export const handler = middy<HttpEvent, HttpResult>()
  .use(httpErrors())
  .handler(async (event, context) => {
    const batch = event.routeKey.endsWith('/batch');
    const patienceMs = Math.min(PATIENCE_MS, context.getRemainingTimeInMillis() - APPEND_AND_ANSWER_MS);
    const submission = { ...submissionOf(event, principalOf(event)), patienceMs };
    const input = jsonBody(event, { maxBytes: batch ? LIMITS.batchBytes : LIMITS.commandBytes });
    const replies = batch ? await gateway.submitBatch(input, submission) : await gateway.submit(input, submission);
    count.replies(Array.isArray(replies) ? replies : [replies]);
    return Array.isArray(replies) ? renderReplies(replies) : renderReply(replies);
  });
