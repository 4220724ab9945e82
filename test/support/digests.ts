import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TenantDigest } from '../../lambdas/digest/digest-tenant.ts';
import type { Cloud } from '../../src/local/index.ts';
import { decodeDigest } from '../../src/proof/digest-document.ts';
import type { Digest } from '../../src/proof/port.ts';

/**
 * Makes a tenant's next digest, as the schedule does, which may have been quicker.
 * @returns the last one, from the bucket
 * @throws where the journal could not be signed
 */
export async function makeDigest(
  { invoke, dataDir, outputs }: Pick<Cloud, 'invoke' | 'dataDir' | 'outputs'>,
  tenantId: string,
): Promise<Digest> {
  const { digests } = (await invoke('DigestFunction', { tenantId })) as { digests: TenantDigest[] };
  const [made] = digests;
  if (!made || made.outcome === 'refused') throw new Error(`Expected a digest, got ${JSON.stringify(made)}`);
  const folder = join(bucketOf({ dataDir, outputs }), tenantId, 'digests');
  return decodeDigest(readFileSync(join(folder, `${String(made.number).padStart(8, '0')}.json`), 'utf8'));
}

/** @returns the public keys (PEM) of those who signed digests, as their bucket has them */
export function publicKeysOf(cloud: Pick<Cloud, 'dataDir' | 'outputs'>): string[] {
  const folder = join(bucketOf(cloud), 'keys');
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
}

function bucketOf({ dataDir, outputs }: Pick<Cloud, 'dataDir' | 'outputs'>): string {
  return join(dataDir ?? '', 'buckets', outputs['DigestBucketName'] ?? '');
}
