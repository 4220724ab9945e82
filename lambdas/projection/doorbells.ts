import { Buffer } from 'node:buffer';
import type { KinesisStreamRecord } from 'aws-lambda';
import { parseChainName } from '../../src/core/chain/name.ts';
import { commitOfItem } from '../../src/journal/items.ts';
import type { Commit } from '../../src/journal/port.ts';
import type { Doorbell } from '../../src/views/projection/project-batch.ts';
import { logger, monitor } from './telemetry.ts';

/** A change of the journal as Kinesis Data Streams for DynamoDB tells it, or a sweep's `{ "pk": … }`. */
interface ChangeRecord {
  pk?: string;
  eventName?: string;
  dynamodb?: { Keys?: { pk?: { S?: string }; sk?: { N?: string } }; NewImage?: Image };
}
type Image = Record<string, Record<string, unknown>>;

/** Reads which chains the records name; those of other items (reservations) and what nobody can read name none. */
export function readDoorbells(records: readonly KinesisStreamRecord[]): Doorbell[] {
  return records.flatMap((record) => {
    const recordId = record.kinesis.sequenceNumber;
    try {
      const doorbell = doorbellOf(recordId, Buffer.from(record.kinesis.data, 'base64').toString('utf8'));
      return doorbell ? [doorbell] : [];
    } catch (error) {
      // It will not become readable by coming again; should it have meant a chain, the sweep finds that.
      logger.error('Cannot read a record of the stream', { recordId, error });
      return [];
    }
  });
}

function doorbellOf(recordId: string, text: string): Doorbell | undefined {
  const change = JSON.parse(text) as ChangeRecord; // each field is checked as it is used
  const ref = parseChainName(change.dynamodb?.Keys?.pk?.S ?? change.pk ?? '');
  if (!ref) return undefined;
  const doorbell: Doorbell = { recordId, ref };
  if (!change.dynamodb) return doorbell;
  const { Keys, NewImage } = change.dynamodb;
  if (change.eventName !== 'INSERT') {
    const evidence = { change: change.eventName ?? null };
    monitor.breach({
      invariant: 'HASH_CHAIN',
      ...ref,
      seq: Number(Keys?.sk?.N),
      reason: 'A commit was changed in the journal, where nothing ever changes',
      evidence,
    });
    return doorbell;
  }
  const commit = NewImage && commitOfImage(NewImage);
  return commit ? { ...doorbell, commit } : doorbell;
}

/** @returns the commit of an image; undefined when it cannot be read, for then the journal will be */
function commitOfImage(image: Image): Commit | undefined {
  try {
    return commitOfItem(image);
  } catch {
    return undefined;
  }
}
