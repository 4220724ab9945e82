import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readBucketPolicies } from '../iam/bucket-policies.ts';
import type { Statement } from '../iam/policy.ts';
import { type Bucket, isKeepable, openBucket } from '../s3/bucket.ts';
import { BUCKETS, noteObject } from '../store/objects.ts';
import type { Stack } from '../template/stack.ts';
import { denialOf, resourceDenialOf } from './access.ts';
import type { ServiceAnswer } from './endpoint.ts';
import { etagOf, fault, notEmulated, xml } from './s3-answers.ts';
import { listObjects, listVersions } from './s3-lists.ts';
import type { SignedRequest, SignedService } from './signed.ts';

interface OpenBucket {
  name: string;
  arn: string;
  /** Uploads say what their bytes sum up to, as Object Lock demands. */
  locked: boolean;
  objects: Bucket;
  /** What its policy denies. */
  policy: readonly Statement[];
  /** ARN of the account's administrator, as the policy knows it. */
  administrator: string;
}

/** Anything else asks for what is not emulated: single versions, retention, uploads in parts, … */
const PARAMETERS = new Set([
  'x-id',
  'list-type',
  'prefix',
  'start-after',
  'continuation-token',
  'max-keys',
  'encoding-type',
  'versions',
  'key-marker',
  'delimiter',
]);

/**
 * Simple Storage Service, path style: PutObject, GetObject, DeleteObject, ListObjectsV2 and ListObjectVersions of the template's
 * buckets, for whom roles and the buckets' policies let. An object has one version for good, as Object Lock promises; a
 * delete marker may hide it, which Object Lock does not prevent.
 */
export function createS3(stack: Stack, dataDir: string): SignedService {
  const policies = readBucketPolicies(stack);
  const administrator = `arn:aws:iam::${stack.accountId}:root`;
  const buckets = new Map(
    stack.resources('AWS::S3::Bucket').map((resource) => {
      const name = stack.ref(resource.logicalId);
      const objects = openBucket(join(dataDir, BUCKETS, name), (key, bytes) =>
        noteObject(dataDir, `${name}/${key}`, bytes),
      );
      const locked = resource.property('ObjectLockEnabled') === true;
      const policy = policies.get(name) ?? [];
      return [name, { name, arn: stack.arn(resource.logicalId), locked, objects, policy, administrator }];
    }),
  );
  return (request) => {
    if (!/Credential=[^,]*\/s3\/aws4_request/.test(request.headers.authorization ?? '')) return undefined;
    const [, name = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(request.path)) ?? [];
    const bucket = buckets.get(name);
    if (bucket === undefined) return fault(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const { method, query } = request;
    if (method === 'DELETE' && key !== '') return deleteObject(request, bucket, key);
    if ([...query.keys()].some((parameter) => !PARAMETERS.has(parameter))) return notEmulated();
    if (method === 'PUT' && key !== '') return putObject(request, bucket, key);
    if (method === 'GET' && key !== '') return getObject(request, bucket, key);
    if (method === 'GET' && query.has('versions'))
      return refuseList(request, bucket, 's3:ListBucketVersions') ?? listVersions(query, bucket);
    if (method === 'GET' && query.get('list-type') === '2')
      return refuseList(request, bucket, 's3:ListBucket') ?? listObjects(query, bucket);
    return notEmulated();
  };
}

function putObject(request: SignedRequest, bucket: OpenBucket, key: string): ServiceAnswer {
  const refusal = refuse(request, bucket, 's3:PutObject', `${bucket.arn}/${key}`);
  if (refusal !== undefined) return refusal;
  const { headers, bytes } = request;
  if (headers['x-amz-copy-source'] !== undefined || /aws-chunked/.test(headers['content-encoding'] ?? ''))
    return notEmulated();
  if (!isKeepable(key)) return fault(400, 'InvalidArgument', `The local cloud keeps no object under "${key}"`);
  const sums = checksOf(request);
  if (bucket.locked && sums.length === 0)
    return fault(
      400,
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
  if (sums.some(({ told, is }) => told !== is)) return fault(400, 'BadDigest', 'The checksum does not match the body');
  if (bucket.objects.create(key, bytes)) return { ...xml(200, ''), headers: { etag: etagOf(bytes) } };
  if (headers['if-none-match'] === '*')
    return fault(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  return fault(501, 'NotImplemented', 'The local cloud keeps one version of an object');
}

function getObject(request: SignedRequest, bucket: OpenBucket, key: string): ServiceAnswer {
  const refusal = refuse(request, bucket, 's3:GetObject', `${bucket.arn}/${key}`);
  if (refusal !== undefined) return refusal;
  const found = isKeepable(key) ? bucket.objects.get(key) : undefined;
  // Who may not list learns nothing of what is there, as in AWS.
  if (found === undefined)
    return (
      refuse(request, bucket, 's3:ListBucket', bucket.arn) ??
      fault(404, 'NoSuchKey', 'The specified key does not exist.')
    );
  return {
    status: 200,
    contentType: 'binary/octet-stream',
    body: found.content,
    headers: { etag: etagOf(found.content), 'last-modified': found.modified.toUTCString() },
  };
}

/** Hides an object, where a lock keeps its version. */
function deleteObject(request: SignedRequest, bucket: OpenBucket, key: string): ServiceAnswer {
  const action = request.query.has('versionId') ? 's3:DeleteObjectVersion' : 's3:DeleteObject';
  const refusal = refuse(request, bucket, action, `${bucket.arn}/${key}`);
  if (refusal !== undefined) return refusal;
  if (action !== 's3:DeleteObject' || !bucket.locked || !isKeepable(key)) return notEmulated();
  bucket.objects.hide(key);
  return { ...xml(204, ''), headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': 'marker' } };
}

function refuseList(request: SignedRequest, bucket: OpenBucket, action: string): ServiceAnswer | undefined {
  return refuse(request, bucket, action, bucket.arn, { 's3:prefix': [request.query.get('prefix') ?? ''] });
}

/** Sums that the request tells of its body, and what they are. */
function checksOf({ headers, bytes }: SignedRequest): { told: string; is: string }[] {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(bytes));
  const hashed = (algorithm: string) => createHash(algorithm).update(bytes).digest('base64');
  return Object.entries({
    'content-md5': hashed('md5'),
    'x-amz-checksum-crc32': crc.toString('base64'),
    'x-amz-checksum-sha256': hashed('sha256'),
  }).flatMap(([name, is]) => (headers[name] === undefined ? [] : [{ told: String(headers[name]), is }]));
}

function refuse(
  { caller }: SignedRequest,
  bucket: OpenBucket,
  action: string,
  resource: string,
  context: Record<string, string[]> = {},
): ServiceAnswer | undefined {
  const message = resourceDenialOf(caller, action, resource, bucket) ?? denialOf(caller, action, resource, context);
  return message === undefined ? undefined : fault(403, 'AccessDenied', message);
}

/** A path with its escapes read; empty, which is no bucket's, where they are none. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}
