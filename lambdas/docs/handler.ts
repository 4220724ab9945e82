import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { join } from 'node:path';
import { loadAssets } from './assets.ts';
import { chooseEncoding } from './encoding.ts';
import { docsHeaders } from './headers.ts';

/** Identity is 3.6 MB for the largest file, 4.8 MB as base64: below the 6 MB that a function may answer. */
const asset = loadAssets(join(import.meta.dirname, 'assets'));

/** What is read of a request. */
export type DocsRequest = Pick<APIGatewayProxyEventV2, 'rawPath' | 'headers' | 'pathParameters'>;

/** Serves the API's description and its reference page, to everybody. */
export async function handler(event: DocsRequest): Promise<APIGatewayProxyStructuredResultV2> {
  const found = asset(assetName(event));
  if (found === undefined) return notFound(event.rawPath);
  const encoding = chooseEncoding(event.headers['accept-encoding']);
  const etag = found.etag(encoding);
  const headers = { ...docsHeaders(found.contentType), etag };
  if (event.headers['if-none-match']?.includes(etag) === true) return { statusCode: 304, headers };
  return {
    statusCode: 200,
    headers: encoding === 'identity' ? headers : { ...headers, 'content-encoding': encoding },
    body: found.base64(encoding),
    isBase64Encoded: true,
  };
}

function assetName(event: DocsRequest): string {
  if (event.rawPath.endsWith('/openapi.json')) return 'openapi.json';
  return event.pathParameters?.['file'] ?? 'index.html';
}

function notFound(path: string): APIGatewayProxyStructuredResultV2 {
  const message = `Cannot find ${JSON.stringify(path)}: the reference is at /docs`;
  return {
    statusCode: 404,
    headers: docsHeaders('application/json; charset=utf-8'),
    body: JSON.stringify({ error: 'NotFound', message }),
  };
}
