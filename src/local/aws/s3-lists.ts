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
  const keys = objects.list({ prefix, after }).map((key) => ({ key }));
  const listed = grouped(keys, { prefix, delimiter: query.get('delimiter') ?? '', after });
  const page = listed.slice(0, limit);
  const more = listed.length > page.length && limit > 0;
  const contents = page.map((entry) => {
    if ('folder' in entry) return folderElement(entry);
    const { key } = entry;
    const { content, modified } = objects.get(key) ?? { content: Buffer.alloc(0), modified: new Date(0) };
    return element('Contents', [
      element('Key', key),
      element('LastModified', modified.toISOString()),
      element('ETag', escaped(etagOf(content))),
      element('Size', String(content.length)),
      element('StorageClass', 'STANDARD'),
    ]);
  });
  const next = Buffer.from(endOf(page)).toString('base64url');
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
  const after = query.get('key-marker') ?? '';
  const versions = objects.versions({ prefix, after });
  const listed = grouped(versions, { prefix, delimiter: query.get('delimiter') ?? '', after });
  const page = listed.slice(0, limit);
  const more = listed.length > page.length && limit > 0;
  return xml(
    200,
    `<ListVersionsResult xmlns="${NAMESPACE}">${[
      element('Name', name),
      element('Prefix', escaped(prefix)),
      element('MaxKeys', String(limit)),
      element('IsTruncated', String(more)),
      ...(more ? [element('NextKeyMarker', endOf(page))] : []),
      ...page.map((entry) => {
        if ('folder' in entry) return folderElement(entry);
        const { key, isMarker, isLatest } = entry;
        return element(isMarker ? 'DeleteMarker' : 'Version', [
          element('Key', key),
          element('VersionId', isMarker ? 'marker' : 'version'),
          element('IsLatest', String(isLatest)),
        ]);
      }),
    ].join('')}</ListVersionsResult>`,
  );
}

/** What keys have in common up to and with a delimiter: listed once, in their place. */
interface Folder {
  folder: string;
}

/** @param items in the order of their keys @param options.after where the page before ended: a key, or a folder, which is not told again */
function grouped<Item extends { key: string }>(
  items: readonly Item[],
  { prefix, delimiter, after }: { prefix: string; delimiter: string; after: string },
): (Item | Folder)[] {
  if (delimiter === '') return [...items];
  const entries: (Item | Folder)[] = [];
  let last = after.endsWith(delimiter) ? after : undefined;
  for (const item of items) {
    if (last !== undefined && item.key.startsWith(last)) continue;
    const end = item.key.indexOf(delimiter, prefix.length);
    last = end < 0 ? undefined : item.key.slice(0, end + delimiter.length);
    entries.push(last === undefined ? item : { folder: last });
  }
  return entries;
}

/** @returns what the next page comes after */
function endOf(page: readonly ({ key: string } | Folder)[]): string {
  const last = page.at(-1);
  if (last === undefined) return '';
  return 'folder' in last ? last.folder : last.key;
}

function folderElement({ folder }: Folder): string {
  return element('CommonPrefixes', [element('Prefix', folder)]);
}

function limitOf(query: URLSearchParams): number | undefined {
  const limit = Math.min(Number(query.get('max-keys') ?? PAGE_MAX_KEYS), PAGE_MAX_KEYS);
  return Number.isInteger(limit) && limit >= 0 ? limit : undefined;
}

function badLimit(): ServiceAnswer {
  return fault(400, 'InvalidArgument', 'max-keys is no whole number');
}
