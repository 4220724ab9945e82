import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { BrokenAnswerError, type HttpAnswer } from './connections.ts';
import { rememberedEnvironment, serviceAddress, type ServiceAddress } from './environment.ts';
import { createSignedService, SELDOM_ASKED, type ServiceClientOptions } from './signed-service.ts';
import { textOf, xmlErrorOf } from './xml-answer.ts';

/** A bucket of the Simple Storage Service, for objects of text. Throws ServiceError (`NoSuchKey`, `AccessDenied`) and faults. */
export interface S3Bucket {
  /** Makes an object that is not there yet. @throws ServiceError `PreconditionFailed`, `ConditionalRequestConflict` */
  create(object: { key: string; body: string; contentType: string }): Promise<void>;
  /** @throws ServiceError `NoSuchKey` */
  get(key: string): Promise<string>;
  /** @returns the first versions and delete markers, at most `limit` (1 to 1,000), in the order of their keys' bytes */
  versions(options: { prefix: string; after: string; limit: number }): Promise<S3Version[]>;
  /** @returns what keys begin with, up to and with their first slash, in order: also those of objects that are all hidden */
  folders(): Promise<string[]>;
  close(): void;
}

export interface S3Version {
  key: string;
  /** Whether it is a delete marker: one that is the latest hides the object. */
  isMarker: boolean;
  isLatest: boolean;
}

const TIMEOUT_MS = 10_000;
/** As many as S3 gives at once. */
const PAGE_KEYS = 1_000;

/** @throws ConfigurationError when no region is set */
export function createS3Bucket({ bucket, ...options }: ServiceClientOptions & { bucket: string }): S3Bucket {
  const { address, root } = placeOfBucket(bucket, options.address ?? serviceAddress('s3'));
  const service = createSignedService({
    ...address,
    service: 's3',
    ...SELDOM_ASKED,
    random: options.random ?? Math.random,
    errorOf: xmlErrorOf,
  });
  const credentials = options.credentials ?? rememberedEnvironment();

  const ask = (request: {
    method: 'GET' | 'PUT';
    key?: string;
    query?: string;
    headers?: readonly (readonly [string, string])[];
    body?: string;
  }): Promise<HttpAnswer> => {
    const { method, key = '', query = '', headers = [], body = '' } = request;
    return service.ask({
      credentials,
      method,
      path: `${root}/${key.split('/').map(escaped).join('/')}`,
      query,
      // S3 alone wants this sum to be told.
      headers: [...headers, ['x-amz-content-sha256', hash('sha256', body)]],
      body,
      timeoutMs: TIMEOUT_MS,
    });
  };

  /** @param parameters in the order of their names, which is that of the signature @returns a list of versions */
  const askForVersions = async (parameters: Readonly<Record<string, string>>): Promise<string> => {
    const query = Object.entries(parameters).map(([name, value]) => `${name}=${escaped(value)}`);
    const { body } = await ask({ method: 'GET', query: query.join('&') });
    const xml = body.toString();
    // A list that cannot be read must not pass for an empty one.
    if (!/<\/ListVersionsResult>\s*$/.test(xml) || textOf(xml, 'IsTruncated') === undefined)
      throw new BrokenAnswerError('it is no list of objects');
    return xml;
  };

  return {
    async create({ key, body, contentType }) {
      await ask({
        method: 'PUT',
        key,
        headers: [
          ['content-type', contentType],
          ['if-none-match', '*'],
          // Object Lock demands a sum that is kept with the object.
          ['x-amz-checksum-sha256', sumOf(body)],
        ],
        body,
      });
    },

    async get(key) {
      const { headers, body } = await ask({ method: 'GET', key, headers: [['x-amz-checksum-mode', 'ENABLED']] });
      const kept = headers['x-amz-checksum-sha256'];
      if (kept !== undefined && kept !== sumOf(body))
        throw new BrokenAnswerError(`the checksum of "${key}" is another than S3 says`);
      return body.toString();
    },

    async versions({ prefix, after, limit }) {
      const parameters = { 'key-marker': after, 'max-keys': String(limit), prefix, versions: '' };
      const xml = await askForVersions(parameters);
      return [...xml.matchAll(/<(Version|DeleteMarker)>.*?<\/\1>/gs)].map(([element, kind]) => ({
        key: textOf(element, 'Key') ?? '',
        isMarker: kind === 'DeleteMarker',
        isLatest: textOf(element, 'IsLatest') === 'true',
      }));
    },

    async folders() {
      const found: string[] = [];
      for (let after = ''; ;) {
        const xml = await askForVersions({
          delimiter: '/',
          ...(after !== '' && { 'key-marker': after }),
          'max-keys': String(PAGE_KEYS),
          versions: '',
        });
        const prefixes = xml.matchAll(/<CommonPrefixes>.*?<\/CommonPrefixes>/gs);
        found.push(...[...prefixes].map(([element]) => textOf(element, 'Prefix') ?? ''));
        if (textOf(xml, 'IsTruncated') !== 'true') return found;
        const next = textOf(xml, 'NextKeyMarker') ?? '';
        // Else it would be asked for the same page for ever.
        if (next <= after) throw new BrokenAnswerError('its next page does not come after this one');
        after = next;
      }
    },

    close: () => service.close(),
  };
}

/**
 * The bucket stands in the host, or in the path where that cannot be: as the AWS SDK does it.
 * @returns `root`: what the paths of its objects begin with
 */
export function placeOfBucket(bucket: string, address: ServiceAddress): { address: ServiceAddress; root: string } {
  const endpoint = new URL(address.endpoint);
  if (bucket.includes('.') || isIP(endpoint.hostname.replace(/^\[|\]$/g, '')) !== 0)
    return { address, root: `/${escaped(bucket)}` };
  endpoint.hostname = `${bucket}.${endpoint.hostname}`;
  return { address: { ...address, endpoint }, root: '' };
}

function sumOf(content: string | Buffer): string {
  return hash('sha256', content, 'base64');
}

/** Escapes all that RFC 3986 does not call unreserved, once: S3 signs the path as it is sent. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
