import type { Stack } from '../template/stack.ts';
import { parsePolicy, type Statement } from './policy.ts';

/**
 * Reads what the policies of buckets deny, by the names of the buckets.
 * @throws where one allows something, or speaks of some callers by their names: neither is evaluated here
 */
export function readBucketPolicies(stack: Stack): Map<string, Statement[]> {
  const byBucket = new Map<string, Statement[]>();
  for (const policy of stack.resources('AWS::S3::BucketPolicy')) {
    const document = policy.required('PolicyDocument') as { Statement?: unknown };
    const raw = [document.Statement ?? []].flat() as { Effect?: unknown; Principal?: unknown }[];
    if (!raw.every(({ Effect, Principal }) => Effect === 'Deny' && isEverybody(Principal)))
      throw new Error(`Cannot evaluate ${policy.logicalId}: the local cloud knows bucket policies that deny everybody`);
    const bucket = String(policy.required('Bucket'));
    byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), ...parsePolicy(document, policy.logicalId)]);
  }
  return byBucket;
}

function isEverybody(principal: unknown): boolean {
  const named = typeof principal === 'object' && principal !== null && 'AWS' in principal ? principal.AWS : principal;
  return named === '*';
}
