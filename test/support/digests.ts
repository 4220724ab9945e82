import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import type { Cloud } from '../../src/local/index.ts';
import { createKeySigner, makePrivateKey } from '../../src/proof/keys.ts';
import { makeDigest } from '../../src/proof/make-digest.ts';
import { createMemoryDigests } from '../../src/proof/memory-store.ts';
import type { Digest } from '../../src/proof/port.ts';
import { copyDigest } from '../../src/views/digests/digest-copies.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';

/** Makes digests of a tenant of a local cloud, and copies them to where queries find them. */
export async function digestsOn(
  { endpoints, outputs }: Pick<Cloud, 'endpoints' | 'outputs'>,
  tenant: string,
): Promise<{ publicKey: string; make(): Promise<Digest>; close(): void }> {
  const address = { region: 'ap-southeast-2', endpoint: new URL(endpoints.dynamodb) };
  const client = createDynamoDb({ address, credentials: () => ({ accessKeyId: 'test', secretAccessKey: 'test' }) });
  const journal = createDynamoJournal({ client, tableName: outputs['JournalTableName'] ?? '' });
  const views = createDynamoViews({ client, tableName: outputs['ViewsTableName'] ?? '' });
  const store = createMemoryDigests();
  const signer = createKeySigner(makePrivateKey());
  const publicKey = await signer.publicKeyPem();
  return {
    publicKey,
    async make() {
      const made = await makeDigest({ tenant, journal, store, signer, now: () => new Date().toISOString() });
      if (made.outcome !== 'made') throw new Error(`Expected a digest, got ${JSON.stringify(made)}`);
      await copyDigest(views, { ...made.digest, publicKey });
      return made.digest;
    },
    close: () => client.close(),
  };
}
