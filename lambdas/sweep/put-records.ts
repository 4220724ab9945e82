import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';

/** Most records that one request takes, and attempts at those that a throttled shard turns away. */
const MAX_RECORDS = 500;
const MAX_ATTEMPTS = 6;
const RETRY_AFTER_MS = 200;

/** @throws when the stream turns records away again and again; the next sweep will find their chains too */
export async function putRecords(options: {
  client: KinesisClient;
  streamName: string;
  records: readonly PutRecordsRequestEntry[];
}): Promise<void> {
  const { client, streamName, records } = options;
  for (let start = 0; start < records.length; start += MAX_RECORDS) {
    let pending = records.slice(start, start + MAX_RECORDS);
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      if (attempt > MAX_ATTEMPTS)
        throw new Error(`Cannot ring for ${pending.length} chains: the stream turned them away ${MAX_ATTEMPTS} times`);
      if (attempt > 1) await sleep(RETRY_AFTER_MS * (attempt - 1));
      const answer = await client.send(new PutRecordsCommand({ StreamName: streamName, Records: pending }));
      pending = pending.filter((_, index) => answer.Records?.[index]?.ErrorCode !== undefined);
    }
  }
}
