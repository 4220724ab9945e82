import { hash } from 'node:crypto';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CredentialSource } from './credentials.ts';
import { serviceAddress } from './environment.ts';
import { createS3Bucket, placeOfBucket, type S3Bucket } from './s3.ts';
import { sdkAuthorization } from './testing/sdk-signer.ts';
import { answerOf, type Reply, startWireServer, type WireRequest, type WireServer } from './testing/wire-server.ts';

const REGION = 'ap-southeast-2';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token/+=' };
const KEY = 'CU_A/digests/00000001.json';
const OBJECT = { key: KEY, body: '{"é":1}', contentType: 'application/json' };
const LATER = { prefix: 'CU_A/digests/', after: KEY, limit: 1 };

/** An answer as S3 gives it: in XML, without DynamoDB's headers. */
const xml = (
  body: string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
) =>
  answerOf(body, { status, headers: { 'Content-Type': 'application/xml', ...headers } }).replace(
    /x-amz(?:n-RequestId|-crc32): .*\r\n/g,
    '',
  );
const empty: Reply = () => xml('');
const refused = (code: string, status: number): Reply => {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Told &amp; done</Message></Error>`;
  return () => xml(body, { status, headers: { 'x-amz-request-id': 'REQUEST1' } });
};
const listed = (...versions: [kind: string, key: string, isLatest: boolean][]): string => {
  const contents = versions.map(
    ([kind, key, isLatest]) => `<${kind}>\n<Key>${key}</Key><Size>1</Size><IsLatest>${isLatest}</IsLatest></${kind}>`,
  );
  const body = `<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>false</IsTruncated>${contents.join('')}</ListVersionsResult>\n`;
  return xml(body);
};

let server: WireServer;
const opened: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
const start = async (...replies: [Reply, ...Reply[]]): Promise<S3Bucket> => {
  server = await startWireServer(...replies);
  const address = { region: REGION, endpoint: server.url };
  let given = CREDENTIALS;
  const credentials: CredentialSource = (expired) => {
    if (expired) given = { ...CREDENTIALS, accessKeyId: 'RENEWED' };
    return given;
  };
  const objects = createS3Bucket({ bucket: 'b-1', address, credentials, random: () => 0 });
  opened.push(objects, { close: () => server.stop() });
  return objects;
};
/** A request without what the SDK adds for its own sake. */
const wordsOf = ({ line, headers, body }: WireRequest) => {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  const parameters = new URLSearchParams(query);
  parameters.delete('x-id');
  parameters.sort();
  const { host, 'content-type': type, 'if-none-match': match, 'x-amz-content-sha256': sum } = headers;
  return { method, path, parameters: parameters.toString(), host, type, match, sum, body };
};

describe('a bucket', () => {
  it('is asked in the words of the AWS SDK', async () => {
    const nothing: Reply = () => listed();
    const objects = await start(empty, empty, nothing, nothing, empty, empty, nothing, nothing);
    await objects.create(OBJECT);
    expect(await objects.get(KEY)).toBe('');
    expect(await objects.versions(LATER)).toEqual([]);
    expect(await objects.folders()).toEqual([]);
    const sdk = new S3Client({ endpoint: server.url.origin, region: REGION, credentials: CREDENTIALS });
    opened.unshift({ close: () => sdk.destroy() });
    const at = { Bucket: 'b-1', Key: KEY };
    const { body: Body, contentType: ContentType } = OBJECT;
    await sdk.send(new PutObjectCommand({ ...at, Body, ContentType, IfNoneMatch: '*' }));
    await sdk.send(new GetObjectCommand(at));
    await sdk.send(
      new ListObjectVersionsCommand({ Bucket: at.Bucket, Prefix: LATER.prefix, KeyMarker: KEY, MaxKeys: LATER.limit }),
    );
    await sdk.send(new ListObjectVersionsCommand({ Bucket: at.Bucket, Delimiter: '/', MaxKeys: 1_000 }));
    const words = server.requests.map(wordsOf);
    expect(words.slice(0, 4)).toEqual(words.slice(4));
    expect(words[0]?.sum).toBe(hash('sha256', OBJECT.body));
    expect(server.requests[0]?.headers['x-amz-checksum-sha256']).toBe(hash('sha256', OBJECT.body, 'base64'));
  });

  it("is asked with the signature of the SDK's own signer, whatever the key", async () => {
    const objects = await start(({ line }) => (line.includes('key-marker') ? listed() : xml('')));
    const options = { service: 's3', region: REGION, credentials: CREDENTIALS };
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).map((text) => text.toWellFormed());
    await fc.assert(
      fc.asyncProperty(name, fc.constantFrom('/', ' +%/~', "/!'()*"), async (text, between) => {
        const key = `${text}${between}${text}`;
        await objects.create({ ...OBJECT, key });
        await objects.get(key);
        await objects.versions({ prefix: key, after: key, limit: 7 });
        for (const each of server.requests.splice(0)) {
          expect(each.headers['authorization']).toBe(await sdkAuthorization(each, options));
          const [path, query] = (each.line.split(' ')[1] ?? '').split('?') as [string, string?];
          if (query === undefined) expect(decodeURIComponent(path)).toBe(`/b-1/${key}`);
          else expect(new URLSearchParams(query).get('prefix')).toBe(key);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['b-1', undefined, 'b-1.s3.ap-southeast-2.amazonaws.com', '/k'],
    ['b.1', undefined, 's3.ap-southeast-2.amazonaws.com', '/b.1/k'],
    ['b-1', 'http://127.0.0.1:80', '127.0.0.1', '/b-1/k'],
    ['b-1', 'https://vpce.example:8443', 'b-1.vpce.example', '/k'],
  ])('%s at %s stands in the host, or in the path where that cannot be, as the SDK has it', async (...given) => {
    const [bucket, endpoint, host, path] = given;
    const { address, root } = placeOfBucket(
      bucket,
      serviceAddress('s3', { AWS_REGION: REGION, ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint }) }),
    );
    expect([address.endpoint.hostname, `${root}/k`]).toEqual([host, path]);

    let asked: unknown;
    const handle = (request: { hostname: string; path: string }) => {
      asked = [request.hostname, request.path];
      return Promise.reject(new Error('Not sent'));
    };
    const sdk = new S3Client({
      ...(endpoint !== undefined && { endpoint }),
      region: REGION,
      credentials: CREDENTIALS,
      maxAttempts: 1,
      requestHandler: { handle },
    });
    await expect(sdk.send(new GetObjectCommand({ Bucket: bucket, Key: 'k' }))).rejects.toThrow('Not sent');
    expect(asked).toEqual([host, path]);
  });

  it('tells what is there and what is not by the name of the error', async () => {
    const objects = await start(refused('PreconditionFailed', 412), refused('NoSuchKey', 404), () =>
      listed(['DeleteMarker', 'a&amp;b', true], ['Version', 'a&amp;b', false], ['Version', 'c', true]),
    );
    await expect(objects.create(OBJECT)).rejects.toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
      message: 'Told & done',
      requestId: 'REQUEST1',
    });
    await expect(objects.get(KEY)).rejects.toMatchObject({ name: 'NoSuchKey', status: 404 });
    expect(await objects.versions({ ...LATER, limit: 3 })).toEqual([
      { key: 'a&b', isMarker: true, isLatest: true },
      { key: 'a&b', isMarker: false, isLatest: false },
      { key: 'c', isMarker: false, isLatest: true },
    ]);
    expect(server.requests).toHaveLength(3);
  });

  it('tells what its keys begin with, page by page', async () => {
    const page = (folders: readonly string[], next?: string) => () => {
      const prefixes = folders.map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`);
      const more = next === undefined ? '' : `<NextKeyMarker>${next}</NextKeyMarker>`;
      const top = '<Version><Key>at-the-top</Key><IsLatest>true</IsLatest></Version>';
      const content = `${more}<IsTruncated>${next !== undefined}</IsTruncated>${top}${prefixes.join('')}`;
      return xml(`<ListVersionsResult>${content}</ListVersionsResult>`);
    };
    const objects = await start(page(['CU_A/', 'CU_&amp;/'], 'CU_&amp;/'), page(['keys/']));
    expect(await objects.folders()).toEqual(['CU_A/', 'CU_&/', 'keys/']);
    const asked = server.requests.map((request) => wordsOf(request).parameters);
    expect(asked).toEqual([
      'delimiter=%2F&max-keys=1000&versions=',
      'delimiter=%2F&key-marker=CU_%26%2F&max-keys=1000&versions=',
    ]);
  });

  it('that names no later page, and says there is one, is not asked for ever', async () => {
    const objects = await start(() => xml('<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>'));
    await expect(objects.folders()).rejects.toThrow('its next page does not come after this one');
  });

  it('is asked again after what passes, three times in all', async () => {
    const busy = refused('SlowDown', 503);
    const late = refused('RequestTimeout', 400);
    const objects = await start(busy, late, () => xml('text'), busy);
    expect(await objects.get(KEY)).toBe('text');
    await expect(objects.create(OBJECT)).rejects.toMatchObject({ name: 'SlowDown' });
    expect(server.requests).toHaveLength(6);
  });

  it('that calls the credentials expired is asked again with others', async () => {
    const objects = await start(refused('ExpiredToken', 400), () => xml('text'));
    expect(await objects.get(KEY)).toBe('text');
    const used = server.requests.map(({ headers }) => /Credential=(\w+)/.exec(headers['authorization'] ?? '')?.[1]);
    expect(used).toEqual(['AKIDEXAMPLE', 'RENEWED']);
  });

  it('gives no object whose sum is another', async () => {
    const sum = (text: string) => ({ headers: { 'x-amz-checksum-sha256': hash('sha256', text, 'base64') } });
    const objects = await start(
      () => xml('text', sum('text')),
      () => xml('text', sum('next')),
    );
    expect(await objects.get(KEY)).toBe('text');
    expect(server.requests[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');
    await expect(objects.get(KEY)).rejects.toThrow(`the checksum of "${KEY}" is another than S3 says`);
  });

  it.each(['', '<html/>', '<ListVersionsResult></ListVersionsResult>'])(
    'is not taken for empty after %j',
    async (body) => {
      const objects = await start(() => xml(body));
      await expect(objects.versions(LATER)).rejects.toThrow('it is no list of objects');
      await expect(objects.folders()).rejects.toThrow('it is no list of objects');
    },
  );
});
