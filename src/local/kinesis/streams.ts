import type { StreamRecord } from '../dynamodb/publisher.ts';
import { saying, supervise } from '../supervise.ts';
import type { Stack } from '../template/stack.ts';
import type { StoredRecord } from './kinesalite.ts';
import { startStreamPart, type StreamDescription } from './stream-part.ts';
import type { PartPlace } from '../part.ts';

export interface ShardRecords {
  records: StoredRecord[];
  nextIterator: string | undefined;
}

export type StartPosition = 'TRIM_HORIZON' | 'LATEST' | { afterSequenceNumber: string };

/** The streams of the template, on kinesalite in a thread or process that is started again when it ends. */
export interface Streams {
  /** Endpoint of the Kinesis API, for functions. Stays the same when it is replaced. */
  url: string;
  put(streamName: string, records: StreamRecord[]): Promise<void>;
  shardIds(streamName: string): Promise<string[]>;
  iterator(options: { streamName: string; shardId: string; position: StartPosition }): Promise<string>;
  read(iterator: string, limit: number): Promise<ShardRecords>;
  trim(options: { streamName: string; shardId: string; beforeSequenceNumber: string }): Promise<number>;
  /** Calls back whenever records were put into the stream through `put`. Returns the way to stop it. */
  onPut(streamName: string, listener: () => void): () => void;
  /** Kills it at once, for tests and drills: records in it are lost, and an empty one takes its place. @returns what was killed */
  kill(): Promise<string>;
  stop(): Promise<void>;
}

interface Options {
  place: PartPlace;
  log(line: string): void;
  /** Told after each restart: the streams are empty, and positions in the old ones mean nothing. */
  restarted(): void;
  /** Told once, when it ends again and again and is no longer restarted. */
  gaveUp(error: Error): void;
}

/** Starts the streams empty: nothing of them is kept beyond their part, and the journal has what they told. */
export async function startStreams(stack: Stack, options: Options): Promise<Streams> {
  const { place } = options;
  const first = await startStreamPart({ stack, place, port: 0 });
  const port = Number(new URL(first.url).port);
  let current = first;
  const supervised = supervise({
    what: 'The stream',
    first,
    start: async () => (current = await startStreamPart({ stack, place, port })),
    log: options.log,
    restarted: options.restarted,
    gaveUp: (lastWords) => options.gaveUp(new Error(`The stream ends again and again${saying(lastWords)}`)),
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
    async kill() {
      const { label, stop } = current;
      await stop();
      return label;
    },
    stop: () => supervised.stop(),
  };
}
