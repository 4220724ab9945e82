import { setTimeout as sleep } from 'node:timers/promises';
import { type PartPlace, startPart } from '../part.ts';
import type { Stack } from '../template/stack.ts';
import type { Supervised } from '../supervise.ts';
import type { StreamAnswer, StreamRequest } from './worker.ts';

/** One thread or process of kinesalite, from its start to its end: what it held ends with it. */
export interface StreamPart extends Supervised {
  /** Endpoint of the Kinesis API. */
  url: string;
  /** Rejects at once when it has ended, and when it ends before it answers. */
  ask<Answer>(request: StreamQuestion): Promise<Answer>;
}

export type StreamQuestion = DistributiveOmit<StreamRequest, 'id'>;

/** What kinesalite says of a stream, as far as it is read here. */
export interface StreamDescription {
  StreamDescription: { StreamStatus: string; Shards: { ShardId: string }[] };
}

const activeLimitMs = 5_000;
/**
 * Records that no mapping takes in time would grow without bound. One that is full ends, and an empty one takes its place:
 * the sweep finds in the journal what was lost.
 */
const heapMb = 512;

/** Starts it on a port (0 for any) with the empty streams of the template. Resolves when all are active. */
export async function startStreamPart(options: { stack: Stack; place: PartPlace; port: number }): Promise<StreamPart> {
  const { stack, place, port } = options;
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 0;
  let end: Error | undefined;
  const part = startPart({
    place,
    module: new URL('./worker.ts', import.meta.url),
    name: 'kinesis',
    data: null,
    env: { AWS_REGION: stack.region, AWS_ACCOUNT_ID: stack.accountId },
    heapMb,
    received(message) {
      const answer = message as StreamAnswer; // it runs our own module
      const waiting = pending.get(answer.id);
      pending.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.value);
    },
  });
  const ended = part.ended.then((lastWords) => {
    end = new Error(`The Kinesis ${part.label} has ended${lastWords === '' ? '' : `: ${lastWords}`}`);
    for (const waiting of pending.values()) waiting.reject(end);
    pending.clear();
    return lastWords;
  });

  // The answer's shape is known from the question: both ends are in this folder.
  function ask<Answer>(request: StreamQuestion): Promise<Answer> {
    if (end !== undefined) return Promise.reject(end);
    const id = nextId++;
    return new Promise<Answer>((resolve, reject) => {
      pending.set(id, { resolve: (value) => resolve(value as Answer), reject });
      part.send({ ...request, id });
    });
  }

  try {
    const url = await ask<string>({ kind: 'start', port });
    await Promise.all(stack.resources('AWS::Kinesis::Stream').map((stream) => createStream(stream, ask)));
    return { url, label: part.label, ended, ask, stop: part.kill };
  } catch (error) {
    await part.kill();
    throw error;
  }
}

async function createStream(stream: ReturnType<Stack['resources']>[number], ask: StreamPart['ask']): Promise<void> {
  const StreamName = stream.text('Name') ?? stream.physicalName;
  const ShardCount = Number(stream.property('ShardCount') ?? 1);
  await ask({ kind: 'call', action: 'createStream', data: { StreamName, ShardCount } });
  for (const deadline = Date.now() + activeLimitMs; ; await sleep(1)) {
    const described = await ask<StreamDescription>({ kind: 'call', action: 'describeStream', data: { StreamName } });
    if (described.StreamDescription.StreamStatus === 'ACTIVE') return;
    if (Date.now() > deadline)
      throw new Error(`Cannot create stream "${StreamName}": not active after ${activeLimitMs} ms`);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
