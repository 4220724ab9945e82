import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { closedLoop, sideBySide } from '../closed-loop.ts';
import { loadPackage, versionOf } from '../packages.ts';
import { ACCOUNTS, ONE_BY_ONE, type Peer } from '../peer.ts';
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

const PACKAGE = 'event-store-adapter-js';
const JOURNAL = 'journal';
const SNAPSHOT = 'snapshot';
const INDEX = 'aid-index';
/** As many partitions as its own example has. */
const SHARDS = 32;
/** A snapshot every so many events keeps the rest that is read short, and costs a write of the whole account. */
const SNAPSHOT_EVERY = 10;

/** What is used of the package, whose own types are there only when it is installed. */
interface Package {
  EventStoreFactory: {
    ofDynamoDB(
      client: DynamoDBClient,
      journalTable: string,
      snapshotTable: string,
      journalIndex: string,
      snapshotIndex: string,
      shards: number,
      eventOf: (json: { data: Stored }) => Event,
      aggregateOf: (json: { data: Aggregate }) => Aggregate,
    ): {
      persistEvent(event: Event, version: number): Promise<void>;
      persistEventAndSnapshot(event: Event, aggregate: Aggregate): Promise<void>;
      getEventsByIdSinceSequenceNumber(id: Id, sequenceNumber: number): Promise<Event[]>;
      getLatestSnapshotById(id: Id): Promise<Aggregate | undefined>;
    };
  };
  OptimisticLockError: new () => Error;
}
interface Id {
  typeName: string;
  value: string;
  asString(): string;
}
interface Stored {
  typeName: string;
  id: string;
  sequenceNumber: number;
  isCreated: boolean;
  /** Absent in the event that opens the account. */
  posted?: Posted;
  aggregateId: { value: string };
  occurredAt: string;
}
type Event = Omit<Stored, 'aggregateId' | 'occurredAt'> & { aggregateId: Id; occurredAt: Date };

class Aggregate {
  readonly typeName = 'account';
  readonly id: Id;
  readonly sequenceNumber: number;
  readonly version: number;
  readonly account: Account;
  constructor(id: Id, state: { sequenceNumber: number; version: number; account: Account }) {
    this.id = id;
    this.sequenceNumber = state.sequenceNumber;
    this.version = state.version;
    this.account = state.account;
  }
  withVersion(version: number): Aggregate {
    return new Aggregate(this.id, { sequenceNumber: this.sequenceNumber, version, account: this.account });
  }
  updateVersion(change: (version: number) => number): Aggregate {
    return this.withVersion(change(this.version));
  }
}

/**
 * As its README has repositories: the latest snapshot, the events after it, replay; then one transaction of the event and the
 * snapshot's version, which is the lock. An account is an aggregate.
 */
export const eventStoreAdapter: Peer = {
  name: 'event-store-adapter-js on DynamoDB',
  cells: ONE_BY_ONE,
  notes: `Event store for Node. One event with both legs a posting, a snapshot every ${SNAPSHOT_EVERY} events, a chain for each account, keys unique within an account; the clearing balance follows from the events.`,
  async open(context) {
    const engine = await startEventStoreEngine(context, [tableOf(JOURNAL), tableOf(SNAPSHOT)]);
    const { EventStoreFactory, OptimisticLockError } = loadPackage(PACKAGE) as Package;
    const store = EventStoreFactory.ofDynamoDB(
      engine.client,
      JOURNAL,
      SNAPSHOT,
      INDEX,
      INDEX,
      SHARDS,
      ({ data }) => ({ ...data, aggregateId: idOf(data.aggregateId.value), occurredAt: new Date(data.occurredAt) }),
      ({ data }) => new Aggregate(idOf(data.id.value), data),
    );
    const ids = Array.from({ length: ACCOUNTS }, (_, index) => idOf(`account-${index + 1}`));
    await sideBySide(ids, (id) => {
      const opened = new Aggregate(id, { sequenceNumber: 1, version: 1, account: initialAccount() });
      return store.persistEventAndSnapshot(eventOf(id, { sequenceNumber: 1 }), opened);
    });
    const next = createPostings(2);
    let acknowledged = 0;

    async function find(id: Id): Promise<Aggregate> {
      const snapshot = await store.getLatestSnapshotById(id);
      if (!snapshot) throw new Error(`There is no account "${id.value}"`);
      const events = await store.getEventsByIdSinceSequenceNumber(id, snapshot.sequenceNumber + 1);
      const account = events.reduce((state, { posted }) => (posted ? evolve(state, posted) : state), snapshot.account);
      return new Aggregate(id, {
        sequenceNumber: events.at(-1)?.sequenceNumber ?? snapshot.sequenceNumber,
        version: snapshot.version,
        account,
      });
    }

    async function post(posting: Posting): Promise<boolean> {
      const id = idOf(posting.account);
      for (;;) {
        const { account, ...found } = await find(id);
        const posted = decide(account, posting);
        if (!posted) return false;
        const sequenceNumber = found.sequenceNumber + 1;
        const event = eventOf(id, { sequenceNumber, posted });
        try {
          if (sequenceNumber % SNAPSHOT_EVERY === 0) {
            const { version } = found;
            const changed = new Aggregate(id, { sequenceNumber, version, account: evolve(account, posted) });
            await store.persistEventAndSnapshot(event, changed);
          } else await store.persistEvent(event, found.version);
          acknowledged += 1;
          return true;
        } catch (error) {
          if (!(error instanceof OptimisticLockError)) throw error;
        }
      }
    }

    return {
      setting: `${PACKAGE} ${versionOf(PACKAGE)}, ${SHARDS} shards, a snapshot every ${SNAPSHOT_EVERY} events, AWS SDK 3; embedded DynamoDB engine on disk behind the local cloud’s front`,
      run: ({ concurrency }, seconds) =>
        closedLoop({ inFlight: concurrency, seconds }, async () => Number(await post(next()))),
      async check() {
        const accounts = new Map<string, Posted[]>();
        for (const id of ids) {
          const events = await store.getEventsByIdSinceSequenceNumber(id, 1);
          accounts.set(
            id.value,
            events.flatMap(({ posted }) => posted ?? []),
          );
        }
        return checkPostings({ accounts, acknowledged, post });
      },
      close: () => engine.stop(),
    };
  },
};

function idOf(value: string): Id {
  return { typeName: 'account', value, asString: () => value };
}

function eventOf(aggregateId: Id, { sequenceNumber, posted }: { sequenceNumber: number; posted?: Posted }): Event {
  return {
    typeName: posted ? 'posted' : 'opened',
    id: `${aggregateId.value}-${sequenceNumber}`,
    aggregateId,
    sequenceNumber,
    occurredAt: new Date(),
    isCreated: !posted,
    ...(posted && { posted }),
  };
}

/** Tables and indexes as its own tests make them. */
function tableOf(name: string) {
  return {
    TableName: name,
    AttributeDefinitions: [
      { AttributeName: 'pkey', AttributeType: 'S' as const },
      { AttributeName: 'skey', AttributeType: 'S' as const },
      { AttributeName: 'aid', AttributeType: 'S' as const },
      { AttributeName: 'seq_nr', AttributeType: 'N' as const },
    ],
    KeySchema: [
      { AttributeName: 'pkey', KeyType: 'HASH' as const },
      { AttributeName: 'skey', KeyType: 'RANGE' as const },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: INDEX,
        KeySchema: [
          { AttributeName: 'aid', KeyType: 'HASH' as const },
          { AttributeName: 'seq_nr', KeyType: 'RANGE' as const },
        ],
        Projection: { ProjectionType: 'ALL' as const },
      },
    ],
  };
}
