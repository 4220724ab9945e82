import type { StoredRecord } from './kinesalite.ts';
import type { MappingSettings } from './poller.ts';

/** The event that a function gets for records of a shard. */
export function kinesisEvent(options: {
  shardId: string;
  records: StoredRecord[];
  settings: MappingSettings;
  region: string;
}): unknown {
  const { shardId, records, settings, region } = options;
  return {
    Records: records.map((record) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.PartitionKey,
        sequenceNumber: record.SequenceNumber,
        data: record.Data,
        approximateArrivalTimestamp: record.ApproximateArrivalTimestamp,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${record.SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: settings.functionName,
      awsRegion: region,
      eventSourceARN: settings.streamArn,
    })),
  };
}

/** What Lambda sends to the destination for records that it gave up: it names them and does not hold them. */
export function invocationRecord(options: {
  shardId: string;
  first: StoredRecord;
  last: StoredRecord;
  count: number;
  condition: string;
  attempts: number;
  settings: MappingSettings;
  fault: string | undefined;
}): unknown {
  const { shardId, first, last, count, condition, attempts, settings, fault } = options;
  const time = (record: StoredRecord) => new Date(record.ApproximateArrivalTimestamp * 1_000).toISOString();
  return {
    requestContext: { functionArn: settings.functionName, condition, approximateInvokeCount: attempts },
    ...(fault === undefined ? {} : { responseContext: { statusCode: 200, functionError: fault } }),
    version: '1.0',
    timestamp: new Date().toISOString(),
    KinesisBatchInfo: {
      shardId,
      startSequenceNumber: first.SequenceNumber,
      endSequenceNumber: last.SequenceNumber,
      approximateArrivalOfFirstRecord: time(first),
      approximateArrivalOfLastRecord: time(last),
      batchSize: count,
      streamArn: settings.streamArn,
    },
  };
}
