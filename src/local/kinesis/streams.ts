import type { StreamRecord } from '../dynamodb/publisher.ts';
import { saying, supervise } from '../supervise.ts';
import type { Stack } from '../template/stack.ts';
import type { StoredRecord } from './kinesalite.ts';
import { startStreamThread, type StreamDescription } from './stream-thread.ts';

export interface ShardRecords {
  records: StoredRecord[];
  nextIterator: string | undefined;
}

export type StartPosition = 'TRIM_HORIZON' | 'LATEST' | { afterSequenceNumber: string };

/** The streams of the template, on kinesalite in a thread that is started again when it ends. */
export interface Streams {
  /** Endpoint of the Kinesis API, for functions. Stays the same when the thread is replaced. */
  url: string;
  put(streamName: string, records: StreamRecord[]): Promise<void>;
  shardIds(streamName: string): Promise<string[]>;
  iterator(options: { streamName: string; shardId: string; position: StartPosition }): Promise<string>;
  read(iterator: string, limit: number): Promise<ShardRecords>;
  trim(options: { streamName: string; shardId: string; beforeSequenceNumber: string }): Promise<number>;
  /** Calls back whenever records were put into the stream through `put`. Returns the way to stop it. */
  onPut(streamName: string, listener: () => void): () => void;
  /** Ends the thread at once, for tests and drills: records in it are lost, and an empty one takes its place. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

interface Options {
  log(line: string): void;
  /** Told after each restart: the streams are empty, and positions in the old ones mean nothing. */
  restarted(): void;
  /** Told once, when the thread ends again and again and is no longer restarted. */
  gaveUp(error: Error): void;
}

/** Starts the streams empty: nothing of them is kept beyond their thread, and the journal has what they told. */
export async function startStreams(stack: Stack, options: Options): Promise<Streams> {
  const first = await startStreamThread({ stack, port: 0 });
  const port = Number(new URL(first.url).port);
  let current = first;
  const supervised = supervise({
    what: 'The Kinesis thread',
    first,
    start: async () => (current = await startStreamThread({ stack, port })),
    log: options.log,
    restarted: options.restarted,
    gaveUp: (lastWords) => options.gaveUp(new Error(`The Kinesis thread ends again and again${saying(lastWords)}`)),
  });
  const listeners = new Map<string, Set<() => void>>();
  const call = <Answer>(action: string, data: unknown) => current.ask<Answer>({ kind: 'call', action, data });

  return {
    url: first.url,
    async put(streamName, records) {
      const Records = records.map(({ partitionKey, data }) => ({
        PartitionKey: partitionKey,
        Data: Buffer.from(data).toString('base64'),
      }));
      await call('putRecords', { StreamName: streamName, Records });
      for (const listener of listeners.get(streamName) ?? []) listener();
    },
    async shardIds(streamName) {
      const { StreamDescription } = await call<StreamDescription>('describeStream', { StreamName: streamName });
      return StreamDescription.Shards.map(({ ShardId }) => ShardId);
    },
    async iterator({ streamName, shardId, position }) {
      const from =
        typeof position === 'string'
          ? { ShardIteratorType: position }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position.afterSequenceNumber };
      const data = { StreamName: streamName, ShardId: shardId, ...from };
      return (await call<{ ShardIterator: string }>('getShardIterator', data)).ShardIterator;
    },
    async read(iterator, limit) {
      const answer = await call<{ Records: StoredRecord[]; NextShardIterator?: string }>('getRecords', {
        ShardIterator: iterator,
        Limit: limit,
      });
      return { records: answer.Records, nextIterator: answer.NextShardIterator };
    },
    trim: (range) => current.ask<number>({ kind: 'trim', ...range }),
    onPut(streamName, listener) {
      const set = listeners.get(streamName) ?? new Set();
      listeners.set(streamName, set.add(listener));
      return () => set.delete(listener);
    },
    kill: () => current.stop(),
    stop: () => supervised.stop(),
  };
}
