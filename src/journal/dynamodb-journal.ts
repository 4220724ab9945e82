import { randomUUID } from 'node:crypto';
import { type ChainRef, fullChainName, parseChainName } from '../core/chain/name.ts';
import type { DynamoDb } from '../dynamodb/client.ts';
import { ServiceError } from '../dynamodb/errors.ts';
import { pagesOf } from '../dynamodb/pages.ts';
import type { Item, Query } from '../dynamodb/wire.ts';
import {
  commitOfItem,
  itemOfCommit,
  itemOfReservation,
  REGISTRY_INDEX,
  REGISTRY_VALUE,
  reservationKey,
} from './items.ts';
import {
  type AppendResult,
  checkAppendSize,
  type Commit,
  type Journal,
  JournalUnavailableError,
  type TenantRegistry,
} from './port.ts';

export interface DynamoJournalOptions {
  client: DynamoDb;
  tableName: string;
  /** Most time one request may take, repeated attempts included, before its outcome counts as unknown. */
  timeoutMs?: number;
  /** Makes a name for each transaction, by which the engine knows its retries. */
  newToken?: () => string;
}

const DEFAULT_TIMEOUT_MS = 3_000;
const NEW = 'attribute_not_exists(pk)';

/** A journal in a DynamoDB table: an append is one conditional put, or one transaction of such puts. */
export function createDynamoJournal(options: DynamoJournalOptions): Journal & TenantRegistry {
  const { client, tableName, newToken = randomUUID } = options;
  const within = { timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS };

  async function* query(input: Omit<Query, 'TableName'>): AsyncGenerator<Item> {
    const pages = pagesOf((start) =>
      client
        .send('Query', { TableName: tableName, ...input, ...start }, within)
        .catch(unavailable('Cannot read the journal')),
    );
    for await (const page of pages) yield* page;
  }

  async function newest(ref: ChainRef, atMost: number): Promise<Commit | undefined> {
    const { Items: [item] = [] } = await client
      .send(
        'Query',
        {
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND sk <= :seq',
          ExpressionAttributeValues: { ':pk': { S: fullChainName(ref) }, ':seq': { N: String(atMost) } },
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 1,
        },
        within,
      )
      .catch(unavailable('Cannot read the journal'));
    return item && commitOf(ref, item);
  }

  return {
    async append({ commits, reservations }): Promise<AppendResult> {
      checkAppendSize({ commits, reservations });
      const puts = [...commits.map(itemOfCommit), ...reservations.map(itemOfReservation)].map((Item) => ({
        TableName: tableName,
        Item,
        ConditionExpression: NEW,
      }));
      const [only] = puts;
      const request =
        only && puts.length === 1
          ? client.send('PutItem', only, within)
          : client.send(
              'TransactWriteItems',
              { TransactItems: puts.map((Put) => ({ Put })), ClientRequestToken: newToken() },
              within,
            );
      try {
        await request;
        return { outcome: 'appended' };
      } catch (cause) {
        const failed = failedConditions(cause, puts.length);
        if (!failed) return unavailable('Cannot append to the journal')(cause);
        return {
          outcome: 'rejected',
          movedChains: commits
            .filter((_, index) => failed.has(index))
            .map(({ tenantId, chain }) => ({ tenantId, chain })),
          taken: reservations.filter((_, index) => failed.has(commits.length + index)),
        };
      }
    },

    async *read(ref, { afterSeq }) {
      const items = query({
        KeyConditionExpression: 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: { ':pk': { S: fullChainName(ref) }, ':after': { N: String(afterSeq) } },
        ConsistentRead: true,
      });
      for await (const item of items) yield commitOf(ref, item);
    },

    async commitAt(ref, seq) {
      const commit = await newest(ref, seq);
      return commit && commit.lastSeq >= seq ? commit : undefined;
    },

    async taken(reservations) {
      const found = await Promise.all(
        reservations.map(async (reservation) => {
          const request = {
            TableName: tableName,
            Key: { pk: { S: reservationKey(reservation) }, sk: { N: '0' } },
            ConsistentRead: true,
            ProjectionExpression: 'pk',
          };
          const { Item } = await client.send('GetItem', request, within).catch(unavailable('Cannot read the journal'));
          return Item ? [reservation] : [];
        }),
      );
      return found.flat();
    },

    lastCommit: (ref) => newest(ref, Number.MAX_SAFE_INTEGER),

    async tenants() {
      const found: string[] = [];
      const items = query({
        IndexName: REGISTRY_INDEX,
        KeyConditionExpression: 'registry = :tenant',
        ExpressionAttributeValues: { ':tenant': { S: REGISTRY_VALUE } },
      });
      for await (const item of items) {
        const ref = parseChainName(item['pk']?.S ?? '');
        if (ref) found.push(ref.tenantId);
      }
      return found.sort();
    },
  };
}

/** @throws when the answer holds another chain's item: nothing may be decided on what was not asked for */
function commitOf(ref: ChainRef, item: Item): Commit {
  const commit = commitOfItem(item);
  const [asked, answered] = [fullChainName(ref), fullChainName(commit)];
  if (answered !== asked)
    throw new JournalUnavailableError(`Cannot read the journal: asked for "${asked}", got "${answered}"`);
  return commit;
}

/**
 * @returns the indexes of the puts whose condition failed; none where another transaction was just writing (nothing was
 * written, and trying again will tell); undefined when the error says nothing of that kind
 */
function failedConditions(error: unknown, puts: number): Set<number> | undefined {
  if (!(error instanceof ServiceError)) return undefined;
  if (error.name === 'ConditionalCheckFailedException')
    return new Set(Array.from({ length: puts }, (_, index) => index));
  if (error.name === 'TransactionConflictException') return new Set();
  if (error.name !== 'TransactionCanceledException') return undefined;
  const codes = error.cancellationReasons.map((reason) => reason.Code ?? 'None');
  // Throttling and the like say nothing about the conditions.
  if (codes.some((code) => !['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(code))) return undefined;
  return new Set(codes.flatMap((code, index) => (code === 'ConditionalCheckFailed' ? [index] : [])));
}

/** What the engine will answer again to the same request: a mistake of ours or of the deployment's, no passing fault. */
const PERMANENT = new Set([
  'ValidationException',
  'ResourceNotFoundException',
  'AccessDeniedException',
  'ItemCollectionSizeLimitExceededException',
  'ConfigurationError',
]);

function unavailable(message: string): (cause: unknown) => never {
  return (cause) => {
    const retryable = !(cause instanceof Error && PERMANENT.has(cause.name));
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new JournalUnavailableError(`${message}: ${reason}`, { cause, retryable });
  };
}
