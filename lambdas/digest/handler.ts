import * as z from 'zod';
import { tenantCode } from '../../src/contract/primitives.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createKms } from '../../src/dynamodb/kms.ts';
import { createS3Bucket } from '../../src/dynamodb/s3.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { createDigestBucket } from './digest-bucket.ts';
import { createTenantDigests, type TenantDigest } from './digest-tenant.ts';
import { createKmsSigner } from './kms-signer.ts';
import { logger, publishMetrics, report } from './telemetry.ts';

const input = z.strictObject({ tenantId: tenantCode.optional() });

const env = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE', 'DIGEST_BUCKET', 'DIGEST_KEY');
const dynamodb = createDynamoDb();
const journal = createDynamoJournal({ client: dynamodb, tableName: env.JOURNAL_TABLE });
const digestTenant = createTenantDigests({
  journal,
  views: createDynamoViews({ client: dynamodb, tableName: env.VIEWS_TABLE }),
  bucket: createDigestBucket(createS3Bucket({ bucket: env.DIGEST_BUCKET })),
  signer: createKmsSigner({ kms: createKms(), keyId: env.DIGEST_KEY }),
  now: () => new Date().toISOString(),
});

/**
 * Makes the next digest of one tenant or of all: `{ tenantId? }`. A tenant whose journal cannot be signed is told in the result
 * and keeps no other from its digest.
 * @throws DigestFailed when that of some tenant could not be made, after those of the others
 */
export async function handler(event: unknown): Promise<{ digests: TenantDigest[] }> {
  const { tenantId } = input.parse(event ?? {});
  const digests: TenantDigest[] = [];
  const failures: string[] = [];
  for (const tenant of tenantId === undefined ? await journal.tenants() : [tenantId]) {
    try {
      const digest = await digestTenant(tenant);
      report(digest);
      digests.push(digest);
    } catch (error) {
      logger.error('Cannot make a digest', { tenantId: tenant, error });
      failures.push(`${tenant}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  publishMetrics();
  if (failures.length > 0)
    throw Object.assign(new Error(`Cannot make digests: ${failures.join('; ')}`), { name: 'DigestFailed' });
  return { digests };
}
