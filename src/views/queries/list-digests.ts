import type { DigestSummary } from '../../contract/queries.ts';
import type { Sha256 } from '../../core/chain/hash.ts';
import type { Digest } from '../../proof/port.ts';
import { parseStatement } from '../../proof/statement.ts';
import { countDigests, readDigestCopies } from '../digests/digest-copies.ts';
import { type Query, found } from './query.ts';

/** The digests, newest first. Their numbers have no gaps, so only those of the page are read. */
export const listDigests: Query<'listDigests'> = async ({ views, sha256, tenantId }, { limit, offset }) => {
  const total = await countDigests(views, tenantId);
  const { digests } = await readDigestCopies(views, { tenantId, before: total + 1 - offset, limit });
  return found({ digests: digests.map((digest) => digestSummaryOf(digest, sha256)), total, limit, offset });
};

export function digestSummaryOf({ number, statement, key }: Digest, sha256: Sha256): DigestSummary {
  return { number, at: parseStatement(statement)?.at ?? '', sha256: sha256(statement), key };
}
