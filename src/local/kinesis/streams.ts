import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamRecord } from '../dynamodb/publisher.ts';
import type { Stack } from '../template/stack.ts';
import type { StoredRecord } from './kinesalite.ts';
import type { StreamAnswer, StreamRequest } from './worker.ts';

export interface ShardRecords {
  records: StoredRecord[];
  nextIterator: string | undefined;
}

export type StartPosition = 'TRIM_HORIZON' | 'LATEST' | { afterSequenceNumber: string };

/** The streams of the template, on kinesalite in a thread. */
export interface Streams {
  /** Endpoint of the Kinesis API, for functions. */
  url: string;
  put(streamName: string, records: StreamRecord[]): Promise<void>;
  shardIds(streamName: string): Promise<string[]>;
  iterator(options: { streamName: string; shardId: string; position: StartPosition }): Promise<string>;
  read(iterator: string, limit: number): Promise<ShardRecords>;
  trim(options: { streamName: string; shardId: string; beforeSequenceNumber: string }): Promise<number>;
  /** Calls back whenever records were put into the stream through `put`. Returns the way to stop it. */
  onPut(streamName: string, listener: () => void): () => void;
  stop(): Promise<void>;
}

const activeLimitMs = 5_000;

export async function startStreams(stack: Stack): Promise<Streams> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'kinesis',
    env: { AWS_REGION: stack.region, AWS_ACCOUNT_ID: stack.accountId },
  });
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<string, Set<() => void>>();
  let nextId = 0;
  let stopping = false;

  worker.on('message', (answer: StreamAnswer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value);
  });
  const fail = (error: Error) => {
    for (const waiting of pending.values()) waiting.reject(error);
    pending.clear();
  };
  worker.on('error', (error: Error) =>
    fail(new Error(`The Kinesis thread failed: ${error.message}`, { cause: error })),
  );
  worker.on('exit', () => fail(new Error('The Kinesis thread has ended')));

  // The answer's shape is known from the question: both ends are in this folder.
  function ask<Answer>(request: DistributiveOmit<StreamRequest, 'id'>): Promise<Answer> {
    if (stopping) return Promise.reject(new Error('The Kinesis thread has ended'));
    const id = nextId++;
    return new Promise<Answer>((resolve, reject) => {
      pending.set(id, { resolve: (value) => resolve(value as Answer), reject });
      worker.postMessage({ ...request, id });
    });
  }
  const call = <Answer>(action: string, data: unknown) => ask<Answer>({ kind: 'call', action, data });

  interface Description {
    StreamDescription: { StreamStatus: string; Shards: { ShardId: string }[] };
  }
  const url = await ask<string>({ kind: 'start' });
  await Promise.all(
    stack.resources('AWS::Kinesis::Stream').map(async (stream) => {
      const StreamName = stream.text('Name') ?? stream.physicalName;
      await call('createStream', { StreamName, ShardCount: Number(stream.property('ShardCount') ?? 1) });
      for (const deadline = Date.now() + activeLimitMs; ; await sleep(1)) {
        if ((await call<Description>('describeStream', { StreamName })).StreamDescription.StreamStatus === 'ACTIVE')
          return;
        if (Date.now() > deadline)
          throw new Error(`Cannot create stream "${StreamName}": not active after ${activeLimitMs} ms`);
      }
    }),
  );

  return {
    url,
    async put(streamName, records) {
      const Records = records.map(({ partitionKey, data }) => ({
        PartitionKey: partitionKey,
        Data: Buffer.from(data).toString('base64'),
      }));
      await call('putRecords', { StreamName: streamName, Records });
      for (const listener of listeners.get(streamName) ?? []) listener();
    },
    async shardIds(streamName) {
      const { StreamDescription } = await call<Description>('describeStream', { StreamName: streamName });
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
    trim: (options) => ask<number>({ kind: 'trim', ...options }),
    onPut(streamName, listener) {
      const set = listeners.get(streamName) ?? new Set();
      listeners.set(streamName, set.add(listener));
      return () => set.delete(listener);
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      fail(new Error('The local cloud is stopping'));
      await worker.terminate();
    },
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
