import type { Streams } from '../kinesis/streams.ts';

/** Sends change records to their streams behind the answers, in the order in which they were handed over. */
export interface Publisher {
  publish(streamName: string, records: StreamRecord[]): void;
  /** Resolves when the queue has room again: writers wait here before their next write, never after it. */
  room(): Promise<void> | undefined;
  /** Resolves when everything handed over so far is in its stream. */
  drained(): Promise<void>;
  /** Publishes what is left as long as the streams take it. */
  stop(): Promise<void>;
  totals(): { kinesisRecords: number; kinesisBytes: number };
}

export interface StreamRecord {
  partitionKey: string;
  data: string;
}

/** Kinesis takes 500 records or 5 MB in one call; the queue holds some calls' worth. */
const recordsPerCall = 500;
const bytesPerCall = 4 * 1024 * 1024;
const queueLimitBytes = 64 * 1024 * 1024;
const gatherMs = 2;
const retryDelayMs = 50;

export function createPublisher(options: { streams: Streams; log(line: string): void }): Publisher {
  const queue: { streamName: string; record: StreamRecord }[] = [];
  let queuedBytes = 0;
  let running: Promise<void> | undefined;
  let stopping = false;
  let waiting: { promise: Promise<void>; resolve: () => void } | undefined;
  const totals = { kinesisRecords: 0, kinesisBytes: 0 };

  async function run(): Promise<void> {
    while (queue.length > 0) {
      // What comes within this moment goes along: a message for each record would wake the stream's thread each time.
      await new Promise((resolve) => setTimeout(resolve, gatherMs));
      const streamName = queue[0]?.streamName ?? '';
      const batch: StreamRecord[] = [];
      let bytes = 0;
      for (const entry of queue) {
        if (entry.streamName !== streamName || batch.length === recordsPerCall || bytes > bytesPerCall) break;
        batch.push(entry.record);
        bytes += entry.record.data.length;
      }
      try {
        await options.streams.put(streamName, batch);
      } catch (error) {
        if (stopping) break;
        // As in AWS, a change waits until the stream takes it; the order is kept.
        options.log(
          `Cannot publish ${batch.length} change records to "${streamName}", retrying: ${(error as Error).message}`,
        );
        await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
        continue;
      }
      queue.splice(0, batch.length);
      queuedBytes -= bytes;
      totals.kinesisRecords += batch.length;
      totals.kinesisBytes += bytes;
      if (queuedBytes < queueLimitBytes) {
        waiting?.resolve();
        waiting = undefined;
      }
    }
    running = undefined;
  }

  return {
    publish(streamName, records) {
      for (const record of records) {
        queue.push({ streamName, record });
        queuedBytes += record.data.length;
      }
      running ??= run();
    },
    room() {
      if (queuedBytes < queueLimitBytes) return undefined;
      waiting ??= Promise.withResolvers<void>();
      return waiting.promise;
    },
    async drained() {
      while (running !== undefined) await running;
    },
    async stop() {
      stopping = true;
      await running;
    },
    totals: () => ({ ...totals }),
  };
}
