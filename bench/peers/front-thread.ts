/** The local cloud's front before an engine, in a thread of its own: for bench/peers/shared-engine.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { startDynamoDbFront } from '../../src/local/dynamodb/front.ts';
import type { Publisher } from '../../src/local/dynamodb/publisher.ts';
import type { Principals } from '../../src/local/iam/principals.ts';

const { engineUrl, region } = workerData as { engineUrl: string; region: string };

/** Every key is the account's own, and there is no role to take. */
const principals: Principals = {
  byAccessKey: () => 'administrator',
  role: () => undefined,
  mayAssume: () => false,
  issue({ roleArn }) {
    throw new Error(`There is no role "${roleArn}" here`);
  },
};

/** No table has a stream. */
const publisher: Publisher = {
  publish() {
    throw new Error('There is no stream here');
  },
  room: () => undefined,
  drained: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  totals: () => ({ kinesisRecords: 0, kinesisBytes: 0 }),
};

const front = await startDynamoDbFront({
  engineUrl,
  region,
  tables: [],
  principals,
  publisher,
  groupWrites: true,
  log: (line) => console.error(line),
});
parentPort?.once('message', () => void front.stop().then(() => process.exit()));
parentPort?.postMessage(front.url);
