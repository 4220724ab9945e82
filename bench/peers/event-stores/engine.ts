import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { installPackages, loadPackage } from '../packages.ts';
import type { PeerContext } from '../peer.ts';
import { REGION, startSharedEngine } from '../shared-engine.ts';

/** An engine with a client of the AWS SDK, the one that the event stores' packages find. */
export interface EventStoreEngine {
  client: DynamoDBClient;
  stop(): Promise<void>;
}

const MAX_SOCKETS = 64;

export async function startEventStoreEngine(
  { dataDir, say }: PeerContext,
  tables: readonly CreateTableCommandInput[],
): Promise<EventStoreEngine> {
  await installPackages(say);
  const sdk = loadPackage('@aws-sdk/client-dynamodb') as typeof import('@aws-sdk/client-dynamodb');
  const engine = await startSharedEngine({ dataDir, log: say });
  const client = new sdk.DynamoDBClient({
    endpoint: engine.url,
    region: REGION,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    // As many connections as requests are in flight; the default is 50.
    requestHandler: { httpAgent: { maxSockets: MAX_SOCKETS, keepAlive: true } },
  });
  for (const table of tables)
    await client.send(new sdk.CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...table }));
  return {
    client,
    async stop() {
      client.destroy();
      await engine.stop();
    },
  };
}
