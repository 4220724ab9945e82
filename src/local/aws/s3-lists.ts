import type { Bucket } from '../s3/bucket.ts';
import type { ServiceAnswer } from './endpoint.ts';
import { element, escaped, etagOf, fault, xml } from './s3-answers.ts';

interface ListedBucket {
  name: string;
  objects: Bucket;
}

const PAGE_MAX_KEYS = 1_000;
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** ListObjectsV2: what is there, without what is hidden. */
export function listObjects(query: URLSearchParams, { name, objects }: ListedBucket): ServiceAnswer {
  const prefix = query.get('prefix') ?? '';
  const limit = limitOf(query);
  if (limit === undefined) return badLimit();
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const keys = objects.list({ prefix, after });
  const page = keys.slice(0, limit);
  const more = keys.length > page.length && limit > 0;
  const contents = page.map((key) => {
    const { content, modified } = objects.get(key) ?? { content: Buffer.alloc(0), modified: new Date(0) };
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
      element('Name', name),
      element('Prefix', escaped(prefix)),
      element('KeyCount', String(page.length)),
      element('MaxKeys', String(limit)),
      element('IsTruncated', String(more)),
      ...(more ? [element('NextContinuationToken', next)] : []),
      ...contents,
    ].join('')}</ListBucketResult>`,
  );
}

/** ListObjectVersions: of each key its one version, and the marker that hides it where there is one, which is newer. */
export function listVersions(query: URLSearchParams, { name, objects }: ListedBucket): ServiceAnswer {
  const prefix = query.get('prefix') ?? '';
  const limit = limitOf(query);
  if (limit === undefined) return badLimit();
  const versions = objects.versions({ prefix, after: query.get('key-marker') ?? '' });
  const page = versions.slice(0, limit);
  return xml(
    200,
    `<ListVersionsResult xmlns="${NAMESPACE}">${[
      element('Name', name),
      element('Prefix', escaped(prefix)),
      element('MaxKeys', String(limit)),
      element('IsTruncated', String(versions.length > page.length && limit > 0)),
      ...page.map(({ key, isMarker, isLatest }) =>
        element(isMarker ? 'DeleteMarker' : 'Version', [
          element('Key', key),
          element('VersionId', isMarker ? 'marker' : 'version'),
          element('IsLatest', String(isLatest)),
        ]),
      ),
    ].join('')}</ListVersionsResult>`,
  );
}

function limitOf(query: URLSearchParams): number | undefined {
  const limit = Math.min(Number(query.get('max-keys') ?? PAGE_MAX_KEYS), PAGE_MAX_KEYS);
  return Number.isInteger(limit) && limit >= 0 ? limit : undefined;
}

function badLimit(): ServiceAnswer {
  return fault(400, 'InvalidArgument', 'max-keys is no whole number');
}
