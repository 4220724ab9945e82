import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { closedLoop } from '../closed-loop.ts';
import { loadPackage, versionOf } from '../packages.ts';
import { ONE_BY_ONE, type Peer } from '../peer.ts';
import {
  type Account,
  checkPostings,
  createPostings,
  decide,
  evolve,
  initialAccount,
  type Posted,
  type Posting,
} from '../work.ts';
import { startEventStoreEngine } from './engine.ts';

const TABLE = 'castore-events';
const ADAPTER = '@castore/event-storage-adapter-dynamodb';

/** What is used of the packages, whose own types are there only when they are installed. */
interface CastoreCore {
  EventType: new (options: { type: string }) => unknown;
  EventStore: new (options: {
    eventStoreId: string;
    eventTypes: readonly unknown[];
    reducer: (aggregate: Aggregate | undefined, event: Event) => Aggregate;
    eventStorageAdapter: unknown;
  }) => {
    getAggregate(id: string): Promise<{ aggregate: Aggregate | undefined }>;
    getEvents(id: string): Promise<{ events: Event[] }>;
    listAggregateIds(options: { pageToken?: string }): Promise<{
      aggregateIds: { aggregateId: string }[];
      nextPageToken?: string;
    }>;
    pushEvent(event: Omit<Event, 'timestamp'>, options: { prevAggregate?: Aggregate }): Promise<unknown>;
  };
}
interface CastoreAdapter {
  DynamoDBSingleTableEventStorageAdapter: new (options: {
    tableName: string;
    dynamoDBClient: DynamoDBClient;
  }) => unknown;
}
interface Event {
  aggregateId: string;
  version: number;
  type: 'POSTED';
  timestamp: string;
  payload: Posted;
}
interface Aggregate {
  aggregateId: string;
  version: number;
  account: Account;
}

/**
 * As its documentation has commands: fetch the aggregate, decide, push the next event on condition that its version is free, and
 * begin again where it is not. An account is an aggregate; it has no snapshots, so all its events are read each time.
 */
export const castore: Peer = {
  name: 'castore on DynamoDB',
  cells: ONE_BY_ONE,
  notes:
    'Event store for Node. One event with both legs a posting, a chain for each account, keys unique within an account; the clearing balance follows from the events.',
  async open(context) {
    const engine = await startEventStoreEngine(context, [
      {
        TableName: TABLE,
        AttributeDefinitions: [
          { AttributeName: 'aggregateId', AttributeType: 'S' },
          { AttributeName: 'version', AttributeType: 'N' },
          { AttributeName: 'eventStoreId', AttributeType: 'S' },
          { AttributeName: 'timestamp', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'aggregateId', KeyType: 'HASH' },
          { AttributeName: 'version', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'initialEvents',
            KeySchema: [
              { AttributeName: 'eventStoreId', KeyType: 'HASH' },
              { AttributeName: 'timestamp', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      },
    ]);
    const { EventStore, EventType } = loadPackage('@castore/core') as CastoreCore;
    const { DynamoDBSingleTableEventStorageAdapter } = loadPackage(ADAPTER) as CastoreAdapter;
    const store = new EventStore({
      eventStoreId: 'ACCOUNTS',
      eventTypes: [new EventType({ type: 'POSTED' })],
      reducer: (aggregate, { aggregateId, version, payload }) => ({
        aggregateId,
        version,
        account: evolve(aggregate?.account ?? initialAccount(), payload),
      }),
      eventStorageAdapter: new DynamoDBSingleTableEventStorageAdapter({
        tableName: TABLE,
        dynamoDBClient: engine.client,
      }),
    });
    const next = createPostings(1);
    let acknowledged = 0;

    async function post(posting: Posting): Promise<boolean> {
      for (;;) {
        const { aggregate } = await store.getAggregate(posting.account);
        const payload = decide(aggregate?.account ?? initialAccount(), posting);
        if (!payload) return false;
        try {
          const version = (aggregate?.version ?? 0) + 1;
          await store.pushEvent(
            { aggregateId: posting.account, version, type: 'POSTED', payload },
            aggregate ? { prevAggregate: aggregate } : {},
          );
          acknowledged += 1;
          return true;
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'EventAlreadyExistsError') throw error;
        }
      }
    }

    return {
      setting: `${ADAPTER} ${versionOf(ADAPTER)}, single table, AWS SDK 3; embedded DynamoDB engine on disk behind the local cloud’s front`,
      run: ({ concurrency }, seconds) =>
        closedLoop({ inFlight: concurrency, seconds }, async () => Number(await post(next()))),
      async check() {
        const accounts = new Map<string, Posted[]>();
        let pageToken: string | undefined;
        do {
          const page = await store.listAggregateIds(pageToken === undefined ? {} : { pageToken });
          for (const { aggregateId } of page.aggregateIds) {
            const { events } = await store.getEvents(aggregateId);
            accounts.set(
              aggregateId,
              events.map(({ payload }) => payload),
            );
          }
          pageToken = page.nextPageToken;
        } while (pageToken !== undefined);
        return checkPostings({ accounts, acknowledged, post });
      },
      close: () => engine.stop(),
    };
  },
};
