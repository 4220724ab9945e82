import { setTimeout as sleep } from 'node:timers/promises';
import type { InvocationResult } from '../functions/invocation.ts';
import { invocationRecord, kinesisEvent } from './events.ts';
import type { StoredRecord } from './kinesalite.ts';
import type { StartPosition, Streams } from './streams.ts';

/** An event source mapping, as the template sets it. */
export interface MappingSettings {
  functionName: string;
  streamArn: string;
  batchSize: number;
  batchingWindowMs: number;
  bisect: boolean;
  reportFailures: boolean;
  /** Retries after the first attempt; -1 without limit. */
  maximumRetries: number;
  /** -1 without limit. */
  maximumRecordAgeMs: number;
  startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** ARN of the queue or topic for records that were given up. */
  onFailure: string | undefined;
}

export interface DeadLetter {
  destinationArn: string;
  body: unknown;
}

interface Options {
  settings: MappingSettings;
  streams: Streams;
  region: string;
  invoke(event: unknown): Promise<InvocationResult>;
  deadLetter(letter: DeadLetter): void;
  /** Told from time to time how far this consumer has come: what all have consumed may be forgotten. */
  consumed(position: { streamName: string; shardId: string; sequenceNumber: string }): Promise<void>;
  log(line: string): void;
}

export interface Poller {
  /**
   * Resolves when no record is waiting: everything put before has been handed to the function or given up. Cuts batching
   * windows short: who waits for this has nothing more to put.
   */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** A stream may also be written by functions over HTTP, of which nobody tells us: we look this often without being told. */
const idlePollMs = 1_000;
const readLimit = 1_000;
/** While a batch is being gathered. */
const windowPollMs = 100;
const stopGraceMs = 500;
const retryBaseMs = 100;
const retryLimitMs = 1_000;
/** Lambda's limit on what an invocation is handed; records count with the base64 of their data. */
const batchLimitBytes = 6 * 1024 * 1024;
/** Consumed records are trimmed away in portions, each worth a pass over the keys. */
const trimEvery = 1_000;

const never = new Promise<void>(() => undefined);

type Attempt = { done: true } | { done: false; from: number; cause: InvocationResult };

/** Reads a stream's shards for one function, as Lambda's event source mapping does. */
export function startPoller(options: Options): Poller {
  const { settings, streams, log } = options;
  const streamName = settings.streamArn.slice(settings.streamArn.lastIndexOf('/') + 1);
  let stopped = false;
  let bell = Promise.withResolvers<void>();
  const abort = new AbortController();
  /** Shards that found nothing at their last look, since the last put. */
  let puts = 0;
  const seenPuts = new Map<string, number>();
  const ring = () => {
    puts++;
    bell.resolve();
    bell = Promise.withResolvers<void>();
  };
  /** Callers of `idle`. */
  let awaited = 0;
  const unsubscribe = streams.onPut(streamName, ring);

  async function pollShard(shardId: string): Promise<void> {
    let position: StartPosition = settings.startingPosition;
    /** Undefined at the end of a shard that is closed. */
    let iterator: string | undefined = await streams.iterator({ streamName, shardId, position });
    let untrimmed = 0;
    /** Records read and not delivered yet, and when the window of the first of them is over. */
    let gathered: StoredRecord[] = [];
    let windowEndsMs = 0;
    while (!stopped) {
      const putsBefore = puts;
      const waitForPut = bell.promise;
      let read: StoredRecord[] = [];
      try {
        if (iterator !== undefined)
          ({ records: read, nextIterator: iterator } = await streams.read(iterator, readLimit));
      } catch (error) {
        if (stopped) return;
        // Iterators live for five minutes: one is too old after a long retry, or after the machine slept.
        log(`Event source mapping of "${streamName}" reads on afresh: ${(error as Error).message}`);
        await pause(never, retryBaseMs);
        iterator = await streams.iterator({ streamName, shardId, position });
        continue;
      }
      if (gathered.length === 0) windowEndsMs = performance.now() + settings.batchingWindowMs;
      gathered.push(...read);
      const newest = read.at(-1)?.SequenceNumber;
      if (newest !== undefined) position = { afterSequenceNumber: newest };
      const ended = iterator === undefined;
      const { batch, full } = firstBatch(gathered, settings.batchSize);
      const leftMs = awaited > 0 ? 0 : windowEndsMs - performance.now();
      if (!full && !ended && (batch.length === 0 || leftMs > 0)) {
        if (batch.length === 0) seenPuts.set(shardId, putsBefore);
        // More may be there than one look reads. While a window is open the bell is not heeded: it would ring for each record.
        if (batch.length === 0) await pause(waitForPut, idlePollMs);
        else if (read.length < readLimit) await pause(never, Math.min(leftMs, windowPollMs));
        continue;
      }
      await deliver(shardId, batch);
      gathered = gathered.slice(batch.length);
      windowEndsMs = performance.now() + settings.batchingWindowMs;
      untrimmed += batch.length;
      const sequenceNumber = batch.at(-1)?.SequenceNumber;
      if (untrimmed >= trimEvery && sequenceNumber !== undefined) {
        await options.consumed({ streamName, shardId, sequenceNumber });
        untrimmed = 0;
      }
      if (ended && gathered.length === 0) return; // the shard is closed and read to its end
    }
  }

  /** Delivers records until they are taken or given up. Splitting counts against nobody's attempts, as in Lambda. */
  async function deliver(shardId: string, records: StoredRecord[]): Promise<void> {
    let left = records;
    for (let attempts = 0; left.length > 0 && !stopped;) {
      left = dropExpired(shardId, left, attempts);
      if (left.length === 0) return;
      const result = await attemptOnce(shardId, left);
      if (result.done || stopped) return;
      log(
        `Event source mapping: ${settings.functionName} failed on ${left.length - result.from} records: ${describe(result.cause)}`,
      );
      // What was taken is done with, and the record that failed has had its first attempt.
      attempts = result.from > 0 ? 1 : attempts + 1;
      left = left.slice(result.from);
      if (settings.bisect && left.length > 1 && result.from === 0) {
        const middle = Math.ceil(left.length / 2);
        await deliver(shardId, left.slice(0, middle));
        await deliver(shardId, left.slice(middle));
        return;
      }
      if (settings.maximumRetries >= 0 && attempts > settings.maximumRetries) {
        giveUp({ shardId, records: left, condition: 'RetryAttemptsExhausted', attempts, cause: result.cause });
        return;
      }
      await pause(never, Math.min(retryBaseMs * 2 ** Math.min(attempts - 1, 10), retryLimitMs));
    }
  }

  async function attemptOnce(shardId: string, records: StoredRecord[]): Promise<Attempt> {
    const result = await options.invoke(kinesisEvent({ shardId, records, settings, region: options.region }));
    if (!result.ok) return { done: false, from: 0, cause: result };
    const failures = settings.reportFailures ? readFailures(result.value) : [];
    if (failures.length === 0) return { done: true };
    const reported = new Set(failures);
    const from = records.findIndex(({ SequenceNumber }) => reported.has(SequenceNumber));
    // An identifier that is no record's counts as a failure of the whole batch.
    const cause: InvocationResult = {
      ok: false,
      error: { errorType: 'BatchItemFailure', errorMessage: failures.join(', ') },
      handled: true,
    };
    return { done: false, from: Math.max(from, 0), cause };
  }

  function dropExpired(shardId: string, records: StoredRecord[], attempts: number): StoredRecord[] {
    if (settings.maximumRecordAgeMs < 0) return records;
    const oldest = Date.now() - settings.maximumRecordAgeMs;
    const expired = records.filter((record) => record.ApproximateArrivalTimestamp * 1_000 < oldest);
    if (expired.length === 0) return records;
    giveUp({ shardId, records: expired, condition: 'RecordAgeExceeded', attempts, cause: undefined });
    return records.filter((record) => !expired.includes(record));
  }

  function giveUp(given: {
    shardId: string;
    records: StoredRecord[];
    condition: string;
    attempts: number;
    cause: InvocationResult | undefined;
  }): void {
    const { shardId, records, condition, attempts, cause } = given;
    log(
      `Event source mapping: gave up ${records.length} records of "${streamName}" (${condition}) after ${attempts} attempts`,
    );
    if (settings.onFailure === undefined) return;
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return;
    const body = invocationRecord({
      shardId,
      first,
      last,
      count: records.length,
      condition,
      attempts,
      settings,
      fault: cause === undefined ? undefined : describe(cause),
    });
    try {
      options.deadLetter({ destinationArn: settings.onFailure, body });
    } catch (error) {
      // As Lambda does: a letter that cannot be delivered keeps nobody from what comes after it.
      log(`Event source mapping: cannot keep a dead letter: ${(error as Error).message}`);
    }
  }

  async function pause(until: Promise<void>, limitMs: number): Promise<void> {
    const cancel = new AbortController();
    const signal = AbortSignal.any([cancel.signal, abort.signal]);
    await Promise.race([until, sleep(limitMs, undefined, { signal }).catch(() => undefined)]);
    cancel.abort();
  }

  const running = (async () => {
    const shardIds = await streams.shardIds(streamName);
    for (const shardId of shardIds) seenPuts.set(shardId, -1);
    await Promise.all(shardIds.map(pollShard));
  })().catch((error: unknown) => {
    if (!stopped) log(`Event source mapping of "${streamName}" ended: ${(error as Error).message}`);
  });

  return {
    async idle() {
      awaited += 1;
      try {
        while (!stopped && (seenPuts.size === 0 || [...seenPuts.values()].some((seen) => seen < puts))) await sleep(5);
      } finally {
        awaited -= 1;
      }
    },
    async stop() {
      stopped = true;
      unsubscribe();
      abort.abort();
      bell.resolve();
      // An invocation in flight may take minutes; its environment is ended soon after anyway.
      await Promise.race([running, sleep(stopGraceMs)]);
    },
  };
}

/** What one invocation takes of the records, and whether more of them would be too many. */
function firstBatch(records: readonly StoredRecord[], batchSize: number): { batch: StoredRecord[]; full: boolean } {
  let bytes = 0;
  let count = 0;
  for (const { Data } of records) {
    bytes += Data.length;
    if (count > 0 && bytes > batchLimitBytes) return { batch: records.slice(0, count), full: true };
    count += 1;
    if (count === batchSize) return { batch: records.slice(0, count), full: true };
  }
  return { batch: records.slice(), full: false };
}

function readFailures(value: unknown): string[] {
  const failures = (value as { batchItemFailures?: { itemIdentifier: string }[] } | null)?.batchItemFailures;
  return (failures ?? []).map(({ itemIdentifier }) => itemIdentifier);
}

function describe(result: InvocationResult): string {
  return result.ok ? 'no error' : `${result.error.errorType}: ${result.error.errorMessage}`;
}
