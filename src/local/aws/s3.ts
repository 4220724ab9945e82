import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Bucket, isKeepable, openBucket } from '../s3/bucket.ts';
import type { Stack } from '../template/stack.ts';
import { denialOf } from './access.ts';
import type { ServiceAnswer } from './endpoint.ts';
import type { SignedRequest, SignedService } from './signed.ts';

interface OpenBucket {
  name: string;
  arn: string;
  /** Uploads say what their bytes sum up to, as Object Lock demands. */
  locked: boolean;
  objects: Bucket;
}

const PAGE_MAX_KEYS = 1_000;
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
/** Anything else asks for what is not emulated: versions, retention, uploads in parts, … */
const PARAMETERS = new Set([
  'x-id',
  'list-type',
  'prefix',
  'start-after',
  'continuation-token',
  'max-keys',
  'encoding-type',
]);

/**
 * Simple Storage Service, path style: PutObject, GetObject and ListObjectsV2 of the template's buckets. An object has one
 * version, and neither overwriting nor deleting exists: so all buckets keep what Object Lock promises.
 */
export function createS3(stack: Stack, dataDir: string): SignedService {
  const buckets = new Map(
    stack.resources('AWS::S3::Bucket').map((resource) => {
      const name = stack.ref(resource.logicalId);
      const objects = openBucket(join(dataDir, 'buckets', name));
      const locked = resource.property('ObjectLockEnabled') === true;
      return [name, { name, arn: stack.arn(resource.logicalId), locked, objects }];
    }),
  );
  return (request) => {
    if (!/Credential=[^,]*\/s3\/aws4_request/.test(request.headers.authorization ?? '')) return undefined;
    const [, name = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(request.path)) ?? [];
    const bucket = buckets.get(name);
    if (bucket === undefined) return fault(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const { method, query } = request;
    if ([...query.keys()].some((parameter) => !PARAMETERS.has(parameter))) return notEmulated();
    if (method === 'PUT' && key !== '') return putObject(request, bucket, key);
    if (method === 'GET' && key !== '') return getObject(request, bucket, key);
    if (method === 'GET' && query.get('list-type') === '2') return listObjects(request, bucket);
    return notEmulated();
  };
}

function putObject(request: SignedRequest, bucket: OpenBucket, key: string): ServiceAnswer {
  const refusal = refuse(request, 's3:PutObject', `${bucket.arn}/${key}`);
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
  const refusal = refuse(request, 's3:GetObject', `${bucket.arn}/${key}`);
  if (refusal !== undefined) return refusal;
  const found = isKeepable(key) ? bucket.objects.get(key) : undefined;
  // Who may not list learns nothing of what is there, as in AWS.
  if (found === undefined)
    return refuse(request, 's3:ListBucket', bucket.arn) ?? fault(404, 'NoSuchKey', 'The specified key does not exist.');
  return {
    status: 200,
    contentType: 'binary/octet-stream',
    body: found.content,
    headers: { etag: etagOf(found.content), 'last-modified': found.modified.toUTCString() },
  };
}

function listObjects(request: SignedRequest, bucket: OpenBucket): ServiceAnswer {
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const refusal = refuse(request, 's3:ListBucket', bucket.arn, { 's3:prefix': [prefix] });
  if (refusal !== undefined) return refusal;
  const limit = Math.min(Number(query.get('max-keys') ?? PAGE_MAX_KEYS), PAGE_MAX_KEYS);
  if (!Number.isInteger(limit) || limit < 0) return fault(400, 'InvalidArgument', 'max-keys is no whole number');
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const keys = bucket.objects.list({ prefix, after });
  const page = keys.slice(0, limit);
  const more = keys.length > page.length && limit > 0;
  const contents = page.map((key) => {
    const { content, modified } = bucket.objects.get(key) ?? { content: Buffer.alloc(0), modified: new Date(0) };
    return element('Contents', [
      element('Key', key),
      element('LastModified', modified.toISOString()),
      element('ETag', escaped(etagOf(content))),
      element('Size', String(content.length)),
      element('StorageClass', 'STANDARD'),
    ]);
  });
  const next = Buffer.from(page.at(-1) ?? '').toString('base64url');
  return xml(
    200,
    `<ListBucketResult xmlns="${NAMESPACE}">${[
      element('Name', bucket.name),
      element('Prefix', escaped(prefix)),
      element('KeyCount', String(page.length)),
      element('MaxKeys', String(limit)),
      element('IsTruncated', String(more)),
      ...(more ? [element('NextContinuationToken', next)] : []),
      ...contents,
    ].join('')}</ListBucketResult>`,
  );
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
  action: string,
  resource: string,
  context: Record<string, string[]> = {},
): ServiceAnswer | undefined {
  const message = denialOf(caller, action, resource, context);
  return message === undefined ? undefined : fault(403, 'AccessDenied', message);
}

function notEmulated(): ServiceAnswer {
  return fault(501, 'NotImplemented', 'The local cloud does not emulate this operation');
}

function fault(status: number, code: string, message: string): ServiceAnswer {
  return xml(status, element('Error', [element('Code', code), element('Message', escaped(message))]));
}

function xml(status: number, body: string): ServiceAnswer {
  const text = body === '' ? '' : `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
  return { status, contentType: 'application/xml', body: text };
}

function element(name: string, content: string | string[]): string {
  return `<${name}>${[content].flat().join('')}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function etagOf(content: Uint8Array): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}

/** A path with its escapes read; empty, which is no bucket's, where they are none. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}
