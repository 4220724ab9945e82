import type { Streams } from './streams.ts';

/** How far one consumer of a shard has come. */
export interface Position {
  consumer: string;
  streamName: string;
  shardId: string;
  sequenceNumber: string;
}

/**
 * Keeps a stream's memory bounded: records that all its consumers are done with are forgotten. AWS keeps them for the
 * retention period; here a late reader of the stream finds only what is still under way.
 */
export function createTrimmer(options: {
  streams: Streams;
  consumers: { consumer: string; streamName: string }[];
}): (position: Position) => Promise<void> {
  const reached = new Map<string, Map<string, string>>();
  return async ({ consumer, streamName, shardId, sequenceNumber }) => {
    const shard = `${streamName}/${shardId}`;
    const positions = reached.get(shard) ?? new Map<string, string>();
    reached.set(shard, positions.set(consumer, sequenceNumber));
    const all = options.consumers.filter((candidate) => candidate.streamName === streamName);
    if (!all.every((candidate) => positions.has(candidate.consumer))) return;
    // Sequence numbers of one stream have the same number of digits, so that text order is their order.
    const slowest = [...positions.values()].sort()[0];
    if (slowest !== undefined) await options.streams.trim({ streamName, shardId, beforeSequenceNumber: slowest });
  };
}
