import { Buffer } from 'node:buffer';
import type { KinesisStreamRecord } from 'aws-lambda';
import { parseChainName } from '../../src/core/chain/name.ts';
import { commitOfItem } from '../../src/journal/items.ts';
import type { Commit } from '../../src/journal/port.ts';
import type { Doorbell } from '../../src/views/projection/project-batch.ts';
import type { SpoiltCommit } from '../../src/views/monitor/spoilt-commits.ts';
import { logger } from './telemetry.ts';

/** A change of the journal as Kinesis Data Streams for DynamoDB tells it, or a sweep's `{ "pk": … }`. */
interface ChangeRecord {
  pk?: string;
  eventName?: string;
  dynamodb?: {
    ApproximateCreationDateTime?: number;
    Keys?: { pk?: { S?: string }; sk?: { N?: string } };
    NewImage?: Image;
  };
}
type Image = Record<string, Record<string, unknown>>;

/** A record of the stream, and the commit whose change it tells of, which it never should. */
export interface Ring {
  doorbell: Doorbell;
  changed?: SpoiltCommit;
}

/** Reads which chains the records name; those of other items (reservations) and what nobody can read name none. */
export function readRings(records: readonly KinesisStreamRecord[]): Ring[] {
  return records.flatMap((record) => {
    const recordId = record.kinesis.sequenceNumber;
    try {
      const ring = ringOf(recordId, Buffer.from(record.kinesis.data, 'base64').toString('utf8'));
      return ring ? [ring] : [];
    } catch (error) {
      // It will not become readable by coming again; should it have meant a chain, the sweep finds that.
      logger.error('Cannot read a record of the stream', { recordId, error });
      return [];
    }
  });
}

function ringOf(recordId: string, text: string): Ring | undefined {
  const record = JSON.parse(text) as ChangeRecord; // each field is checked as it is used
  const ref = parseChainName(record.dynamodb?.Keys?.pk?.S ?? record.pk ?? '');
  if (!ref) return undefined;
  const doorbell: Doorbell = { recordId, ref };
  if (!record.dynamodb) return { doorbell };
  const { Keys, NewImage, ApproximateCreationDateTime } = record.dynamodb;
  if (record.eventName !== 'INSERT') {
    const seq = Number(Keys?.sk?.N);
    const changed: SpoiltCommit = {
      ref,
      firstSeq: Number.isSafeInteger(seq) && seq >= 0 ? seq : 0,
      reason: 'A commit was changed in the journal, where nothing ever changes',
      evidence: { change: record.eventName ?? null },
      at: timeOf(ApproximateCreationDateTime),
    };
    return { doorbell, changed };
  }
  const commit = NewImage && commitOfImage(NewImage);
  return { doorbell: commit ? { ...doorbell, commit } : doorbell };
}

/** Above every time in milliseconds that a record can have; streams may tell microseconds. */
const MILLISECONDS_MAX = 1e14;

function timeOf(created: number | undefined): string {
  if (typeof created !== 'number' || !(created >= 0)) return '';
  return new Date(created < MILLISECONDS_MAX ? created : created / 1_000).toISOString();
}

/** @returns the commit of an image; undefined when it cannot be read, for then the journal will be */
function commitOfImage(image: Image): Commit | undefined {
  try {
    return commitOfItem(image);
  } catch {
    return undefined;
  }
}
