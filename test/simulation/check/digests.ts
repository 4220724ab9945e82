import { chainsOf } from '../../../src/core/chain/name.ts';
import type { DynamoDb } from '../../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../../src/journal/dynamodb-journal.ts';
import { PublicKeys } from '../../../src/proof/keys.ts';
import { makeDigest } from '../../../src/proof/make-digest.ts';
import { DigestSeries } from '../../../src/proof/verify-digests.ts';
import { type Engine, JOURNAL } from '../system/engine.ts';
import type { World } from '../system/world.ts';
import { fail } from './fail.ts';
import type { JournalReading } from './journal.ts';

/** A last digest can be made, each extends the one before, and what it says of a chain is the chain's. */
export async function checkDigests(world: World, reading: JournalReading, tenantId: string): Promise<void> {
  const journal = createDynamoJournal({ client: directClient(world.engine), tableName: JOURNAL });
  const last = await makeDigest({
    tenant: tenantId,
    journal,
    store: world.digests,
    signer: world.signer,
    now: () => '2026-01-02T00:00:00.000Z',
  });
  if (last.outcome === 'refused') fail(`The last digest of ${tenantId} was refused: ${JSON.stringify(last.faults)}`);

  const keys = new PublicKeys([await world.signer.publicKeyPem()]);
  const chains = chainsOf(world.chains);
  const series = new DigestSeries({ tenant: tenantId, chains, keys });
  let number = 0;
  const heads = new Map<string, number>();
  for (;;) {
    const digest = await world.digests.get(tenantId, number + 1);
    if (!digest) break;
    number += 1;
    series.take(number, digest);
    for (const text of digest.heads) {
      const [pk = '', seq, hash] = text.split(' ');
      if (reading.hashAt(pk, Number(seq)) !== hash)
        fail(`Digest ${number} of ${tenantId} says ${text}, the journal does not`);
      if (Number(seq) < (heads.get(pk) ?? 0)) fail(`Digest ${number} of ${tenantId} takes ${pk} back to ${seq}`);
      heads.set(pk, Number(seq));
    }
  }
  const [fault] = series.faults;
  if (fault) fail(`Digest ${fault.number} of ${tenantId}: ${fault.reason}`);
  world.count('digest checked', number);
}

/** The store as it is, without a network. */
function directClient(engine: Engine): DynamoDb {
  const mood = { most: Infinity, blindSinceMs: Infinity };
  return {
    send: async (name, request): Promise<never> => engine.do({ name, request } as never, mood) as never, // they belong together
    close: () => undefined,
  };
}
