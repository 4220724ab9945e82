import { Buffer } from 'node:buffer';
import { readDigestCopy } from '../digests/digest-copies.ts';
import { digestSummaryOf } from './list-digests.ts';
import { type Query, found, notFound } from './query.ts';

export const getDigest: Query<'getDigest'> = async ({ views, sha256, tenantId }, { number }) => {
  const digest = await readDigestCopy(views, tenantId, number);
  if (!digest) return notFound('digest', String(number));
  const { statement, signature, publicKey, heads, periods } = digest;
  return found({
    ...digestSummaryOf(digest, sha256),
    statement,
    signature: Buffer.from(signature).toString('base64'),
    publicKey,
    heads: [...heads],
    periods: [...periods],
  });
};
