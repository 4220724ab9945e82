import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { accessTokens } from './access-token.ts';

const seen: { authorization: string | undefined; body: string }[] = [];
let status = 200;
const server = createServer((request, response) => {
  void textOf(request).then((body) => {
    seen.push({ authorization: request.headers.authorization, body });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: `token-${seen.length}`, expires_in: 3_600, token_type: 'Bearer' }));
  });
});
let tokenUrl = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address && typeof address === 'object') tokenUrl = `http://127.0.0.1:${address.port}/oauth2/token`;
});
beforeEach(() => {
  seen.length = 0;
  status = 200;
});
afterAll(() => server.close());

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function tokens(now: () => number) {
  const asked: unknown[] = [];
  const secrets = {
    send: async (command: { input: unknown }) => {
      asked.push(command.input);
      return { SecretString: 's3cret', $metadata: {} };
    },
  };
  const options = {
    tokenUrl,
    clientId: 'TWIN',
    clientSecretArn: 'arn:secret',
    scopes: 'tenants/CU_DIGITAL rights/queries',
    now,
  };
  const token = accessTokens({
    ...options,
    secrets,
  });
  return { token, asked };
}

test('asks by client credentials, with the secret from the store', async () => {
  const { token, asked } = tokens(() => 0);
  expect(await token()).toBe('token-1');
  expect(asked).toEqual([{ SecretId: 'arn:secret' }]);
  expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from('TWIN:s3cret').toString('base64')}`);
  const form = new URLSearchParams(seen[0]?.body);
  expect(Object.fromEntries(form)).toEqual({
    grant_type: 'client_credentials',
    scope: 'tenants/CU_DIGITAL rights/queries',
  });
});

test('keeps a token until a minute before it expires; callers at once share a request', async () => {
  let nowMs = 0;
  const { token } = tokens(() => nowMs);
  expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
  nowMs = 3_539_999;
  expect(await token()).toBe('token-1');
  nowMs = 3_540_000;
  expect(await token()).toBe('token-2');
  expect(seen).toHaveLength(2);
});

test('says what went wrong, and asks again the next time', async () => {
  const { token } = tokens(() => 0);
  status = 400;
  await expect(token()).rejects.toThrow(/Cannot get a token from .* status 400/);
  status = 200;
  expect(await token()).toBe('token-2');
});
