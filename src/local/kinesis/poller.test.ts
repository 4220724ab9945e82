import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { InvocationResult } from '../functions/invocation.ts';
import { createFixture, type Fixture } from '../testing/fixture.ts';
import { testStack } from '../testing/dynamodb-bench.ts';
import { type DeadLetter, type MappingSettings, type Poller, startPoller } from './poller.ts';
import { startStreams, type Streams } from './streams.ts';
import { createTrimmer, type Position } from './trimmer.ts';

const names = Array.from({ length: 14 }, (_, index) => `stream${index}`);
let fixture: Fixture;
let streams: Streams;
let current: Poller | undefined;

beforeAll(async () => {
  fixture = createFixture({
    resources: Object.fromEntries(
      names.map((Name) => [
        Name,
        { Type: 'AWS::Kinesis::Stream', Properties: { Name, ShardCount: Name === 'stream9' ? 4 : 1 } },
      ]),
    ),
  });
  streams = await startStreams(testStack(fixture), {
    place: 'thread',
    log: () => undefined,
    restarted: () => undefined,
    gaveUp: () => undefined,
  });
});
afterEach(() => current?.stop());
afterAll(async () => {
  await streams.stop();
  fixture.remove();
});

interface Batch {
  Records: {
    kinesis: { data: string; partitionKey: string; sequenceNumber: string };
    eventID: string;
    eventSource: string;
  }[];
}

/** Polls a stream with a function made of `handle`, which gets the texts of a batch and throws or names failed ones. */
function poll(
  streamName: string,
  handle: (texts: string[]) => string[] | void,
  changes: Partial<MappingSettings> = {},
) {
  const batches: string[][] = [];
  const letters: DeadLetter[] = [];
  const positions: Position[] = [];
  const settings: MappingSettings = {
    functionName: 'arn:aws:lambda:ap-southeast-2:0:function:f',
    streamArn: `arn:aws:kinesis:ap-southeast-2:0:stream/${streamName}`,
    batchSize: 100,
    batchingWindowMs: 0,
    bisect: false,
    reportFailures: false,
    maximumRetries: 1,
    maximumRecordAgeMs: -1,
    startingPosition: 'TRIM_HORIZON',
    onFailure: 'arn:aws:sqs:ap-southeast-2:0:dead',
    ...changes,
  };
  const poller = startPoller({
    settings,
    streams,
    region: 'ap-southeast-2',
    async invoke(event): Promise<InvocationResult> {
      const { Records } = event as Batch;
      const texts = Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
      batches.push(texts);
      try {
        const failed = handle(texts) ?? [];
        const batchItemFailures = failed.map((text) => ({
          itemIdentifier: Records[texts.indexOf(text)]?.kinesis.sequenceNumber ?? text,
        }));
        return { ok: true, value: { batchItemFailures } };
      } catch (error) {
        return { ok: false, handled: true, error: { errorType: 'Error', errorMessage: (error as Error).message } };
      }
    },
    deadLetter: (letter) => letters.push(letter),
    async consumed(position) {
      positions.push({ consumer: 'f', ...position });
    },
    log: () => undefined,
  });
  current = poller;
  return { batches, letters, positions, poller };
}

const put = (streamName: string, texts: string[]) =>
  streams.put(
    streamName,
    texts.map((data) => ({ partitionKey: `key ${data}`, data })),
  );
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe('an event source mapping', () => {
  it('delivers what was there before and what comes, in order, in batches of the set size, soon', async () => {
    await put('stream0', numbers(25));
    const { batches, poller } = poll('stream0', () => undefined, { batchSize: 10 });
    await poller.idle();
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(numbers(25));
    const at = performance.now();
    await put('stream0', ['later']);
    await poller.idle();
    expect(batches.flat().at(-1)).toBe('later');
    expect(performance.now() - at).toBeLessThan(500);
  });

  it('gathers what comes within its window into one batch', async () => {
    const { batches, poller } = poll('stream10', () => undefined, { batchingWindowMs: 500 });
    for (const text of ['a', 'b', 'c']) await put('stream10', [text]);
    await expect.poll(() => batches).toEqual([['a', 'b', 'c']]);
    await put('stream10', ['d']);
    await poller.idle(); // nobody waits out a window for which somebody waits
    expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('waits for no window once a batch is full, by records or by the bytes of an invocation', async () => {
    const hour = { batchingWindowMs: 3_600_000 };
    const byCount = poll('stream11', () => undefined, { ...hour, batchSize: 2 });
    await put('stream11', numbers(5));
    await expect
      .poll(() => byCount.batches)
      .toEqual([
        ['0', '1'],
        ['2', '3'],
      ]);
    await byCount.poller.stop();
    const byBytes = poll('stream12', () => undefined, hour);
    for (const text of numbers(6)) await put('stream12', [text.repeat(1_000_000)]);
    await expect.poll(() => byBytes.batches.map((batch) => batch.length)).toEqual([4]);
  });

  it('bisects a failing batch down to the record that fails, gives that up to the queue, and loses no other', async () => {
    const { batches, letters, poller } = poll(
      'stream1',
      (texts) => {
        if (texts.includes('7')) throw new Error('poison');
      },
      { bisect: true },
    );
    await put('stream1', numbers(12));
    await poller.idle();
    const taken = batches.filter((batch) => !batch.includes('7')).flat();
    expect(taken).toEqual(numbers(12).filter((text) => text !== '7'));
    expect(batches.filter((batch) => batch.join() === '7')).toHaveLength(2); // one attempt and one retry
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({
      destinationArn: 'arn:aws:sqs:ap-southeast-2:0:dead',
      body: {
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
        KinesisBatchInfo: {
          shardId: 'shardId-000000000000',
          batchSize: 1,
          streamArn: expect.stringContaining('stream1'),
        },
      },
    });
  });

  it('without bisecting retries the batch as a whole and then gives it up as a whole', async () => {
    const { batches, letters, poller } = poll('stream2', () => {
      throw new Error('down');
    });
    await put('stream2', numbers(3));
    await poller.idle();
    expect(batches).toEqual([numbers(3), numbers(3)]);
    expect(
      letters.map(({ body }) => (body as { KinesisBatchInfo: { batchSize: number } }).KinesisBatchInfo.batchSize),
    ).toEqual([3]);
  });

  it('recovers when the function does', async () => {
    let failures = 2;
    const { batches, letters, poller } = poll(
      'stream3',
      () => {
        if (failures-- > 0) throw new Error('not yet');
      },
      { maximumRetries: -1 },
    );
    await put('stream3', ['a']);
    await poller.idle();
    expect(batches).toHaveLength(3);
    expect(letters).toEqual([]);
  });

  it('goes on from the first record that the function reports as failed', async () => {
    let first = true;
    const { batches, letters, poller } = poll(
      'stream4',
      () => {
        const failed = first ? ['4', '3'] : [];
        first = false;
        return failed;
      },
      { reportFailures: true },
    );
    await put('stream4', numbers(6));
    await poller.idle();
    expect(batches).toEqual([numbers(6), ['3', '4', '5']]);
    expect(letters).toEqual([]);
  });

  it('ignores reports that the template does not ask for', async () => {
    const { batches, poller } = poll('stream5', (texts) => texts);
    await put('stream5', ['a']);
    await poller.idle();
    expect(batches).toEqual([['a']]);
  });

  it('gives up records that are too old', async () => {
    await put('stream6', ['old']);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const { batches, letters, poller } = poll('stream6', () => undefined, { maximumRecordAgeMs: 50 });
    await poller.idle();
    expect(batches).toEqual([]);
    expect(
      letters.map(({ body }) => (body as { requestContext: { condition: string } }).requestContext.condition),
    ).toEqual(['RecordAgeExceeded']);
  });

  it('starts at the end when told so', async () => {
    await put('stream7', ['before']);
    const { batches, poller } = poll('stream7', () => undefined, { startingPosition: 'LATEST' });
    await poller.idle();
    await put('stream7', ['after']);
    await poller.idle();
    expect(batches).toEqual([['after']]);
  });

  it('reads all shards, each key in its order', async () => {
    const { batches, poller } = poll('stream9', () => undefined);
    const records = Array.from({ length: 60 }, (_, index) => ({
      partitionKey: `key${index % 7}`,
      data: `${index % 7}:${index}`,
    }));
    await streams.put('stream9', records);
    await poller.idle();
    const texts = batches.flat();
    expect(texts).toHaveLength(60);
    expect(batches.length).toBeGreaterThan(1);
    for (let key = 0; key < 7; key++) {
      const own = texts.filter((text) => text.startsWith(`${key}:`));
      expect(own).toEqual(records.filter(({ partitionKey }) => partitionKey === `key${key}`).map(({ data }) => data));
    }
  });
});

describe('an iterator that is too old', () => {
  it('is replaced by one behind the last record, so that none is lost or repeated', async () => {
    const { batches, poller } = poll('stream0', () => undefined, { startingPosition: 'LATEST' });
    await poller.idle();
    const { read } = streams;
    await put('stream0', ['x']);
    await poller.idle();
    streams.read = () => {
      streams.read = read;
      return Promise.reject(new Error('Iterator expired'));
    };
    await put('stream0', ['y', 'z']);
    await poller.idle();
    expect(batches.flat()).toEqual(['x', 'y', 'z']);
  });
});

describe('a read that fails while a batch is being gathered', () => {
  it('neither loses nor repeats what was gathered', async () => {
    const { batches } = poll('stream13', () => undefined, { batchingWindowMs: 3_600_000, batchSize: 3 });
    const { read } = streams;
    const gathered = Promise.withResolvers<void>();
    let failed = 0;
    streams.read = async (...request) => {
      const answer = await read(...request);
      if (answer.records.length > 0 && failed === 0) {
        gathered.resolve();
        streams.read = () => {
          failed += 1;
          streams.read = read;
          return Promise.reject(new Error('Iterator expired'));
        };
      }
      return answer;
    };
    await put('stream13', ['a', 'b']);
    await gathered.promise;
    await expect.poll(() => failed).toBe(1);
    expect(batches).toEqual([]);
    await put('stream13', ['c', 'd', 'e', 'f']);
    await expect
      .poll(() => batches)
      .toEqual([
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ]);
  });
});

describe('trimming', () => {
  it('forgets what every consumer is done with, and nothing more', async () => {
    const consumers = [
      { consumer: 'a', streamName: 'stream8' },
      { consumer: 'b', streamName: 'stream8' },
    ];
    const trim = createTrimmer({ streams, consumers });
    await put('stream8', numbers(2_500));
    const shardId = 'shardId-000000000000';
    const readAll = async () => {
      const iterator = await streams.iterator({ streamName: 'stream8', shardId, position: 'TRIM_HORIZON' });
      return (await streams.read(iterator, 10_000)).records;
    };
    const records = await readAll();
    const at = (index: number) => ({
      streamName: 'stream8',
      shardId,
      sequenceNumber: records[index]?.SequenceNumber ?? '',
    });
    await trim({ consumer: 'a', ...at(2_000) });
    expect(await readAll()).toHaveLength(2_500);
    await trim({ consumer: 'b', ...at(1_500) });
    const left = await readAll();
    expect(left.map(({ SequenceNumber }) => SequenceNumber)).toEqual(
      records.slice(1_500).map(({ SequenceNumber }) => SequenceNumber),
    );
  });

  it('is told by the poller how far it has come', async () => {
    const { positions, poller } = poll('stream8', () => undefined, { batchSize: 1_000 });
    await put('stream8', numbers(1_000));
    await poller.idle();
    expect(positions.length).toBeGreaterThan(0);
  });
});
