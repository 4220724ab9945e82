import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Functions } from '../functions/functions.ts';
import type { Stack, StackResource } from '../template/stack.ts';
import { type DeadLetter, type MappingSettings, type Poller, startPoller } from './poller.ts';
import type { Streams } from './streams.ts';
import { createTrimmer } from './trimmer.ts';

export interface Mappings {
  /** Resolves when no record waits for a function. */
  idle(): Promise<void>;
  /** Reads all streams afresh, from the mappings' starting positions: after the streams were replaced by empty ones. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface Options {
  stack: Stack;
  streams: Streams;
  functions: Functions;
  dataDir: string;
  log(line: string): void;
  /** Told why a dead letter could not be kept. */
  failed?(error: unknown): void;
}

/** Starts a poller for each event source mapping of the template that reads a Kinesis stream. */
export function startMappings({ stack, streams, functions, dataDir, log, failed }: Options): Mappings {
  const mappings = stack
    .resources('AWS::Lambda::EventSourceMapping')
    .filter(
      (mapping) =>
        String(mapping.property('EventSourceArn')).includes(':kinesis:') && mapping.property('Enabled') !== false,
    )
    .map((mapping) => ({ consumer: mapping.logicalId, settings: readSettings(mapping) }));
  const consumers = mappings.map(({ consumer, settings }) => ({
    consumer,
    streamName: settings.streamArn.replace(/^.*\//, ''),
  }));
  let stopped = false;
  let restarting = Promise.resolve();
  let pollers = startPollers();

  function startPollers(): Poller[] {
    const trim = createTrimmer({ streams, consumers });
    return mappings.map(({ consumer, settings }) => {
      const target = functions.byNameOrArn(settings.functionName);
      return startPoller({
        settings,
        streams,
        region: stack.region,
        invoke: (event) => target.invoke(event),
        deadLetter(letter) {
          try {
            keepDeadLetter(dataDir, letter);
          } catch (error) {
            failed?.(error);
            throw error;
          }
        },
        consumed: (position) => trim({ consumer, ...position }),
        log,
      });
    });
  }
  const stopPollers = () => Promise.all(pollers.map((poller) => poller.stop()));
  return {
    async idle() {
      await Promise.all(pollers.map((poller) => poller.idle()));
    },
    restart() {
      // One after the other: pollers of two restarts side by side would both read.
      restarting = restarting.then(async () => {
        await stopPollers();
        if (!stopped) pollers = startPollers();
      });
      return restarting;
    },
    async stop() {
      stopped = true;
      await stopPollers();
    },
  };
}

/** Defaults as in the CloudFormation reference for Kinesis sources. */
function readSettings(mapping: StackResource): MappingSettings {
  const seconds = (name: string) => Number(mapping.property(name) ?? -1);
  const destination = mapping.property('DestinationConfig') as { OnFailure?: { Destination?: string } } | undefined;
  const startingPosition = mapping.property('StartingPosition');
  if (startingPosition !== 'TRIM_HORIZON' && startingPosition !== 'LATEST') {
    throw new Error(
      `Cannot start ${mapping.logicalId}: StartingPosition "${String(startingPosition)}" is neither TRIM_HORIZON nor LATEST`,
    );
  }
  const ageSeconds = seconds('MaximumRecordAgeInSeconds');
  return {
    functionName: String(mapping.required('FunctionName')),
    streamArn: String(mapping.required('EventSourceArn')),
    batchSize: Number(mapping.property('BatchSize') ?? 100),
    batchingWindowMs: Number(mapping.property('MaximumBatchingWindowInSeconds') ?? 0) * 1_000,
    bisect: mapping.property('BisectBatchOnFunctionError') === true,
    reportFailures: ((mapping.property('FunctionResponseTypes') ?? []) as string[]).includes('ReportBatchItemFailures'),
    maximumRetries: seconds('MaximumRetryAttempts'),
    maximumRecordAgeMs: ageSeconds < 0 ? -1 : ageSeconds * 1_000,
    startingPosition,
    onFailure: destination?.OnFailure?.Destination,
  };
}

/** The local stand-in of a dead-letter queue: a file that grows by a line for each letter. */
function keepDeadLetter(dataDir: string, letter: DeadLetter): void {
  const directory = join(dataDir, 'dead-letters');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const queueName = letter.destinationArn.replace(/^.*:/, '');
  appendFileSync(join(directory, `${queueName}.ndjson`), `${JSON.stringify(letter.body)}\n`, { mode: 0o600 });
}
