import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { tenantCode } from '../../src/contract/primitives.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { createKms } from '../../src/dynamodb/kms.ts';
import { createS3Bucket } from '../../src/dynamodb/s3.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { tenantsToSign } from '../../src/proof/tenants-to-sign.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { createDigestBucket } from './digest-bucket.ts';
import { createTenantDigests, type TenantDigest } from './digest-tenant.ts';
import { createKmsSigner } from './kms-signer.ts';
import { shareTime } from './share-time.ts';
import { logger, publishMetrics, report, reportLeft } from './telemetry.ts';

const input = z.strictObject({ tenantId: tenantCode.optional() });

const env = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE', 'DIGEST_BUCKET', 'DIGEST_KEY');
/** Ids, with commas between them; nothing where the key was never replaced. */
const formerKeys = (process.env['FORMER_DIGEST_KEYS'] ?? '').split(',').filter((id) => id !== '');
const dynamodb = createDynamoDb();
const journal = createDynamoJournal({ client: dynamodb, tableName: env.JOURNAL_TABLE });
const bucket = createDigestBucket(createS3Bucket({ bucket: env.DIGEST_BUCKET }));
const digestTenant = createTenantDigests({
  journal,
  views: createDynamoViews({ client: dynamodb, tableName: env.VIEWS_TABLE }),
  bucket,
  signer: createKmsSigner({ kms: createKms(), keyId: env.DIGEST_KEY }),
  now: () => new Date().toISOString(),
  formerKeys,
});

/** Before the function's time is over: what was read is still to be signed, kept and copied. */
const MARGIN_MS = 60_000;

/**
 * Makes the next digest of one tenant or of all, those included that have digests and no journal any more: `{ tenantId? }`. A tenant whose journal cannot be signed is told in the result
 * and keeps no other from its digest; nor does one with much to read, for the time is shared out.
 * @returns also the tenants that are `left`: no digest covers all of theirs yet. The next run goes on with them
 * @throws DigestFailed when that of some tenant could not be made, after those of the others
 */
export async function handler(
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<{ digests: TenantDigest[]; left: string[] }> {
  const { tenantId } = input.parse(event ?? {});
  const digests = new Map<string, TenantDigest>();
  const failures: string[] = [];
  const left = await shareTime({
    items: tenantId === undefined ? await tenantsToSign({ journal, store: bucket }) : [tenantId],
    now: Date.now,
    until: Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS,
    random: Math.random,
    async work(tenant, isEnough) {
      try {
        const digest = await digestTenant(tenant, isEnough);
        report(digest);
        digests.set(tenant, digest);
        return digest.isComplete;
      } catch (error) {
        logger.error('Cannot make a digest', { tenantId: tenant, error });
        failures.push(`${tenant}: ${error instanceof Error ? error.message : String(error)}`);
        return true;
      }
    },
  });
  reportLeft(left);
  publishMetrics();
  if (failures.length > 0)
    throw Object.assign(new Error(`Cannot make digests: ${failures.join('; ')}`), { name: 'DigestFailed' });
  return { digests: [...digests.values()], left };
}
