import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createDynamoDb } from '../../src/dynamodb/client.ts';

const CALLS = 400;
const IN_FLIGHT = 8;
const ITEM = {
  pk: { S: 'CU_BENCH#chain#07' },
  sk: { N: '123456' },
  body: { B: Buffer.alloc(700, 7).toString('base64') },
};
/** Answers every request at once, in a thread of its own: what it needs is not counted. */
const SERVER = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('{}'));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** A client of ours on a server that does nothing. */
export interface IdleServerClient {
  /** Makes some calls. @returns how many */
  call(): Promise<number>;
  stop(): Promise<void>;
}

export async function clientOfIdleServer(): Promise<IdleServerClient> {
  const server = new Worker(SERVER, { eval: true });
  const [port] = (await once(server, 'message')) as [number];
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench', sessionToken: 'bench' };
  const client = createDynamoDb({
    address: { region: 'us-east-1', endpoint: new URL(`http://127.0.0.1:${port}`) },
    credentials: () => credentials,
  });
  return {
    async call() {
      let left = CALLS;
      const one = async (): Promise<void> => {
        for (; left > 0;) {
          left -= 1;
          await client.send('PutItem', {
            TableName: 'journal',
            Item: ITEM,
            ConditionExpression: 'attribute_not_exists(pk)',
          });
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, one));
      return CALLS;
    },
    async stop() {
      client.close();
      await server.terminate();
    },
  };
}
