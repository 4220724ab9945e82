import { createHmac, generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../index.ts';
import { createApiFixture } from '../testing/api-fixture.ts';
import type { Fixture } from '../testing/fixture.ts';

let fixture: Fixture;
let cloud: Cloud;

beforeAll(async () => {
  fixture = createApiFixture();
  cloud = await startCloud({ assemblyDir: fixture.assemblyDir });
});
afterAll(async () => {
  await cloud.stop();
  fixture.remove();
});

const token = (more: Partial<Parameters<Cloud['issueToken']>[0]> = {}) =>
  cloud.issueToken({ subject: 'TWIN', tenants: ['CU_A'], rights: ['queries'], ...more });

async function scoped(authorization: string | undefined): Promise<[number, unknown]> {
  const response = await fetch(`${cloud.apiUrl}/scoped`, {
    headers: authorization === undefined ? {} : { authorization },
  });
  return [response.status, response.status === 500 ? 'reached' : await response.json()];
}

/** The route's function fails on this path: 500 means that the authorizer let the request through. */
const through = [500, 'reached'];
const refused = [401, { error: 'Unauthorized', message: 'Unauthorized' }];

describe('the authorizer', () => {
  const part = (jwt: string, index: number) =>
    JSON.parse(Buffer.from(jwt.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('lets a good token through, again and again', async () => {
    const authorization = `Bearer ${await token()}`;
    expect(await scoped(authorization)).toEqual(through);
    expect(await scoped(authorization)).toEqual(through);
  });

  it.each<[string, (good: string) => Promise<string | undefined> | string | undefined]>([
    ['no token', () => undefined],
    ['an empty one', () => 'Bearer '],
    ['another scheme', () => 'Basic YTpi'],
    ['no JWT', () => 'Bearer nonsense'],
    ['an expired one', async () => `Bearer ${await token({ ttlSeconds: -1 })}`],
    ['alg none', (good) => `Bearer ${encode({ alg: 'none' })}.${good.split('.')[1] ?? ''}.`],
    [
      'HMAC with the public key',
      (good) => {
        const head = `${encode({ alg: 'HS256', kid: part(good, 0)['kid'] })}.${good.split('.')[1] ?? ''}`;
        return `Bearer ${head}.${createHmac('sha256', 'public').update(head).digest('base64url')}`;
      },
    ],
    [
      'changed claims',
      (good) =>
        `Bearer ${good.split('.')[0] ?? ''}.${encode({ ...part(good, 1), sub: 'ADMIN' })}.${good.split('.')[2] ?? ''}`,
    ],
    [
      'another key under our key id',
      async (good) => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
        return `Bearer ${await new SignJWT(part(good, 1)).setProtectedHeader({ alg: 'RS256', kid: String(part(good, 0)['kid']) }).sign(privateKey)}`;
      },
    ],
  ])('refuses %s', async (_name, make) => {
    expect(await scoped(await make(await token()))).toEqual(refused);
  });

  it('refuses a token without the route’s scope with 403', async () => {
    expect(await scoped(`Bearer ${await token({ rights: [] })}`)).toEqual([
      403,
      { error: 'Forbidden', message: 'Forbidden' },
    ]);
  });

  it('passes claims on as text', async () => {
    const answer = await fetch(`${cloud.apiUrl}/tenants/CU_A/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token({ subject: 'OPS' })}`, 'content-type': 'application/json' },
      body: '{"pk":"CU_A#claims","sk":1}',
    });
    expect(await answer.json()).toMatchObject({ sub: 'OPS' });
  });
});

describe('the payload', () => {
  interface Event {
    rawPath: string;
    rawQueryString: string;
    queryStringParameters?: Record<string, string>;
    headers: Record<string, string>;
    cookies?: string[];
    body?: string;
    isBase64Encoded: boolean;
    version: string;
    routeKey: string;
    requestContext: { http: { method: string; path: string; sourceIp: string }; stage: string };
  }
  const echo = async (path: string, init: RequestInit = {}) =>
    (await (await fetch(`${cloud.apiUrl}/echo${path}`, init)).json()) as Event;

  it('has the form of format 2.0', async () => {
    const event = await echo('?a=1&b=x%20y&a=2', { headers: { 'X-Custom': 'V', cookie: 'c=1; d=2' } });
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /echo',
      rawPath: '/echo',
      rawQueryString: 'a=1&b=x%20y&a=2',
      queryStringParameters: { a: '1,2', b: 'x y' },
      cookies: ['c=1', 'd=2'],
      isBase64Encoded: false,
      requestContext: { stage: '$default', http: { method: 'GET', path: '/echo', sourceIp: '127.0.0.1' } },
    });
    expect(event.headers['x-custom']).toBe('V');
    expect(event).not.toHaveProperty('body');
  });

  it.each([
    ['application/json; charset=utf-8', '{"ü":1}', false],
    ['application/problem+json', '{}', false],
    ['text/csv', 'a,b', false],
    ['application/octet-stream', 'bytes', true],
    ['application/x-www-form-urlencoded', 'a=b', true],
  ])('hands over %s as it should', async (contentType, body, isBase64Encoded) => {
    const event = await echo('', { method: 'POST', headers: { 'content-type': contentType }, body });
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString() : event.body).toBe(body);
  });
});

describe('refusals', () => {
  const get = async (path: string, init: RequestInit = {}): Promise<[number, unknown]> => {
    const response = await fetch(cloud.apiUrl + path, init);
    return [response.status, await response.json()];
  };

  it('404 for unknown routes and methods', async () => {
    expect(await get('/nowhere')).toEqual([404, { error: 'NotFound', message: 'Not Found' }]);
    expect((await get('/fail', { method: 'POST' }))[0]).toBe(404);
  });

  it('400 for a path that cannot be decoded', async () => {
    expect((await get('/tenants/%E0%A4%A/items', { method: 'POST' }))[0]).toBe(400);
  });

  it('500 when the function fails, and nothing of why', async () => {
    expect(await get('/fail')).toEqual([500, { error: 'InternalServerError', message: 'Internal Server Error' }]);
    expect((await get('/odd'))[0]).toBe(500);
  });

  it('503 when the function is slower than the integration allows', async () => {
    expect(await get('/slow')).toEqual([503, { error: 'ServiceUnavailable', message: 'Service Unavailable' }]);
  });

  it('413 for bodies over 10 MB, and for what a function cannot take', async () => {
    const post = (bytes: number) =>
      get('/echo', { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'x'.repeat(bytes) });
    expect(await post(10 * 1024 * 1024 + 1)).toEqual([
      413,
      { error: 'PayloadTooLarge', message: 'Request Entity Too Large' },
    ]);
    expect((await post(7 * 1024 * 1024))[0]).toBe(413);
  });

  it('431 for headers over 10 KB', async () => {
    const response = await fetch(`${cloud.apiUrl}/echo`, { headers: { 'x-large': 'x'.repeat(11_000) } });
    expect(response.status).toBe(431);
  });

  it('400 for what is no HTTP', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(cloud.apiUrl).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400/);
  });
});

describe('beside the API', () => {
  it('CORS as the template has it', async () => {
    const preflight = (origin: string) =>
      fetch(`${cloud.apiUrl}/scoped`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight('https://console.test');
    expect([
      allowed.status,
      allowed.headers.get('access-control-allow-origin'),
      allowed.headers.get('access-control-max-age'),
    ]).toEqual([204, 'https://console.test', '60']);
    expect((await preflight('https://evil.test')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('mounts serve what the owner gives, below their prefix only', async () => {
    cloud.mount('/reports', async (path) =>
      path === '/reports/run/report.html' ? { status: 200, contentType: 'text/html', body: '<p>ok' } : undefined,
    );
    const found = await fetch(`${cloud.apiUrl}/reports/run/report.html`);
    expect([found.status, found.headers.get('content-type'), await found.text()]).toEqual([200, 'text/html', '<p>ok']);
    expect((await fetch(`${cloud.apiUrl}/reports/none`)).status).toBe(404);
    expect((await fetch(`${cloud.apiUrl}/reportsrun/report.html`)).status).toBe(404);
  });
});

describe('the emulated services', () => {
  it('are not reached by a page whose name means this machine for a moment', async () => {
    const answerOf = (url: string, host: string) =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(url);
        const sent = request({ hostname, port, method: 'POST', path: '/', headers: { host } }, (answer) =>
          answer.once('data', (chunk: Buffer) => resolve(chunk.toString())),
        );
        sent.on('error', reject).end('{}');
      });
    const { aws, dynamodb } = cloud.endpoints;
    for (const url of [aws, dynamodb]) {
      const { port } = new URL(url);
      for (const host of ['evil.example.com', `evil.example.com:${port}`, '127.0.0.1.evil.example.com'])
        expect(await answerOf(url, host)).toContain('answers to this machine only');
      for (const host of ['127.0.0.1', `localhost:${port}`, `bucket.localhost:${port}`, `[::1]:${port}`])
        expect(await answerOf(url, host)).not.toContain('answers to this machine only');
    }
  });
});
