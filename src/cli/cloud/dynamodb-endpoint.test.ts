import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkEndpoint, unreachableEndpoint } from './dynamodb-endpoint.ts';

async function failureOf(endpoint: string): Promise<unknown> {
  try {
    return await (await fetch(endpoint, { method: 'POST', body: '{}' })).json();
  } catch (error) {
    return error;
  }
}

test('a server that is not there is named, with what to do', async () => {
  const endpoint = 'http://127.0.0.1:9';
  const told = unreachableEndpoint({ DYNAMODB_ENDPOINT: endpoint }, await failureOf(endpoint));
  expect(told?.message).toMatch(/^Cannot reach a DynamoDB at DYNAMODB_ENDPOINT "http:\/\/127\.0\.0\.1:9": /);
  expect(told?.fix).toContain('unset DYNAMODB_ENDPOINT');
});

test('so is a server that is no DynamoDB', async () => {
  const server = createServer((_request, response) => response.end('<h1>It works</h1>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is never a path.
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const told = unreachableEndpoint({ DYNAMODB_ENDPOINT: endpoint }, await failureOf(endpoint));
  server.close();
  expect(told?.message).toContain(`"${endpoint}": what answers there is no DynamoDB`);
});

test('other failures, and those of the embedded engine, are not blamed on it', () => {
  const refused = new TypeError('fetch failed', { cause: new Error('refused') });
  expect(unreachableEndpoint({}, refused)).toBeUndefined();
  expect(unreachableEndpoint({ DYNAMODB_ENDPOINT: '' }, refused)).toBeUndefined();
  expect(unreachableEndpoint({ DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' }, new Error('other'))).toBeUndefined();
});

test.each(['localhost:8000', 'nonsense', '127.0.0.1'])('"%s" is no address: exit code 2', (endpoint) => {
  expect(() => checkEndpoint({ DYNAMODB_ENDPOINT: endpoint })).toThrow(
    `Give DYNAMODB_ENDPOINT an address such as http://127.0.0.1:8000: it is "${endpoint}"`,
  );
});

test.each([undefined, '', 'http://127.0.0.1:8000', 'https://db.example:443'])('%j will do', (endpoint) => {
  expect(() => checkEndpoint({ DYNAMODB_ENDPOINT: endpoint })).not.toThrow();
});
