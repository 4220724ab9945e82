import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { move } from '../support/ledger.ts';
import { type Bench, COMMANDS, refusalOf, startBench, TENANT } from './support/bench.ts';
import { openapi } from './support/documented.ts';
import { ALL_ROUTES, pathOf, requestOf } from './support/paths.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
const entry = (id: string) => JSON.stringify(move('GL_SALARY', bench.values['accountId'] ?? '', 1, { id }));
const get = (path: string) => bench.send({ method: 'GET', path: `/v1/tenants/${TENANT}/${path}` });

describe('a route', () => {
  it.each(ALL_ROUTES.map((route) => [route.path, route] as const))(
    '%s answers other methods with 404',
    async (_, route) => {
      const known = new Set(ALL_ROUTES.filter((each) => each.path === route.path).map((each) => each.method as string));
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PURGE'].filter(
        (each) => !known.has(each),
      )) {
        expect((await bench.send({ ...requestOf(route, bench.values), method })).status).toBe(404);
      }
    },
  );

  it.each([
    '/',
    '/v1',
    '/v1/',
    '/v1/tenants',
    `/v1/tenants/${TENANT}`,
    `/v1/tenants/${TENANT}/`,
    `/v1/tenants/${TENANT}/customers/`,
    `/v1/tenants//customers`,
    `//v1/tenants/${TENANT}/customers`,
    `/v2/tenants/${TENANT}/customers`,
    `/tenants/${TENANT}/customers`,
    `/V1/tenants/${TENANT}/customers`,
    `/v1/tenants/${TENANT}/Customers`,
    `/v1/tenants/${TENANT}/accounts/a/b/events`,
    '/.env',
    '/openapi.json/',
    '/admin',
  ])('%s is answered with 404', async (path) => {
    expect(refusalOf(await bench.send({ method: 'GET', path }))).toEqual([404, 'NotFound']);
  });

  it('serves the documentation to everybody', async () => {
    const answer = await bench.cloud.sendUnjudged({ method: 'GET', path: '/openapi.json' });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, openapi]);
    expect(await bench.cloud.sendUnjudged({ method: 'GET', path: '/docs' })).toMatchObject({
      status: 200,
      headers: { 'content-type': expect.stringContaining('text/html') as string },
    });
    for (const file of ['..%2f..%2fpackage.json', '%2e%2e', 'nothing.js', 'constructor', '%00']) {
      expect((await bench.cloud.sendUnjudged({ method: 'GET', path: `/docs/${file}` })).status).toBe(404);
    }
  });
});

describe('what does not exist', () => {
  it.each(ALL_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'is answered with 404 by %s for a tenant that a token covers',
    async (_, route) => {
      const command = move('GL_A', 'GL_B', 1, { id: 'nowhere', tenantId: 'CU_NOWHERE' });
      const body =
        route.handler === 'command'
          ? { body: JSON.stringify(route.id === 'submitCommandBatch' ? { commands: [command] } : command) }
          : {};
      const request = { ...requestOf(route, { ...bench.values, tenantId: 'CU_NOWHERE' }), ...body };
      const answer = await bench.send(request);
      const { results } = JSON.parse(answer.text) as { results?: { status: number; body: unknown }[] };
      expect(results?.[0] ? results[0].status : answer.status).toBe(404);
    },
  );

  it.each(
    ALL_ROUTES.flatMap((route) =>
      Object.keys(route.params.shape)
        .filter((name) => name !== 'tenantId')
        .map((name) => [route.path, name, route] as const),
    ),
  )('is answered with 404 by %s for an unknown %s', async (_, name, route) => {
    const kinds: Record<string, string[]> = {
      customerId: ['cust_07_00000000000000000000', 'cust_99_00000000000000000000', 'nobody', '-'],
      accountId: [
        'acc_07_00000000000000000000',
        'acc_99_00000000000000000000',
        'nothing',
        '__proto__',
        'constructor',
        ...(route.id === 'getAccountBalance' ? [] : ['GL_SALARY']),
      ],
      entryId: [
        'ent_07_1_000000000000',
        'ent_99_1_000000000000',
        'ent_07_999999999999999_000000000000',
        'ent_07_0_000000000000',
        (bench.values['entryId'] ?? '').replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        'nothing',
      ],
      chain: ['16', '77'],
      number: ['1', '99999999'],
    };
    for (const id of kinds[name] ?? expect.fail(`no unknown ids for "${name}"`)) {
      expect(
        refusalOf(await bench.send({ method: route.method, path: pathOf(route, { ...bench.values, [name]: id }) })),
      ).toEqual([404, 'NotFound']);
    }
  });

  it('is a customer whose accounts are asked for', async () => {
    expect((await get('accounts?customerId=nobody')).status).toBe(404);
  });
});

describe('a parameter', () => {
  const paged = ALL_ROUTES.filter((route) => route.query && 'limit' in route.query.shape);

  it.each(paged.map((route) => [route.path, route] as const))(
    'of %s is refused with 400 where it is no count in its range',
    async (_, route) => {
      const path = pathOf(route, bench.values);
      for (const query of [
        'limit=0',
        'limit=1001',
        'limit=-1',
        'limit=1e3',
        'limit=abc',
        'limit=',
        'limit=5.0',
        'limit=%205',
        'limit=0x10',
        'limit=٣',
        'limit=1&limit=2',
        'offset=-1',
        'offset=9007199254740992',
        'offset=99999999999999999999',
        'offset=1,000',
        'Limit=5',
        'limit[]=5',
        'unknown=1',
        '__proto__=1',
        'constructor=1',
        'toString=1',
        '=1',
        'limit',
      ]) {
        const answer = await bench.send({ method: 'GET', path: `${path}?${encodeURI(query).replaceAll('%25', '%')}` });
        expect([query, ...refusalOf(answer)]).toEqual([query, 400, 'ValidationError']);
      }
      const start = 'offset' in (route.query?.shape ?? {}) ? 'offset' : 'afterSeq';
      for (const query of ['limit=1', 'limit=1000', `${start}=0`, `${start}=9007199254740991`, '', '&']) {
        expect([query, (await bench.send({ method: 'GET', path: `${path}?${query}` })).status]).toEqual([query, 200]);
      }
    },
  );

  it.each(ALL_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'that %s does not know is refused with 400',
    async (_, route) => {
      const request = requestOf(route, bench.values);
      expect(refusalOf(await bench.send({ ...request, path: `${request.path}?surprise=1` }))).toEqual([
        400,
        'ValidationError',
      ]);
    },
  );

  it.each([
    'asOf=2025-02-30',
    'asOf=2025-1-1',
    'asOf=today',
    'asOf=',
    'asOf=2025-01-01T00:00:00Z',
    'asOf=2025-01-01&asOf=2025-01-02',
  ])('%s is no date', async (query) => {
    expect(refusalOf(await get(`accounts/${bench.values['accountId'] ?? ''}/balance?${query}`))).toEqual([
      400,
      'ValidationError',
    ]);
  });

  it('asOf is refused for a GL account, whose days are not kept', async () => {
    expect(refusalOf(await get('accounts/GL_SALARY/balance?asOf=2025-01-01'))).toEqual([400, 'ValidationError']);
  });

  it.each(['dryRun=1', 'dryRun=TRUE', 'dryRun=', 'dryRun=true&dryRun=true', 'dryrun=true'])(
    '%s is refused, and the command not decided',
    async (query) => {
      const before = await bench.journal();
      expect(
        refusalOf(
          await bench.send({
            method: 'POST',
            path: `${COMMANDS}?${query}`,
            headers: { 'content-type': 'application/json' },
            body: entry(`dry ${query}`),
          }),
        ),
      ).toEqual([400, 'ValidationError']);
      expect(await bench.journal()).toEqual(before);
    },
  );
});

describe('a path', () => {
  const tricks = [
    '..',
    '.',
    '%2e%2e',
    '..%2f..%2f',
    '%2F',
    'a%2Fb',
    '%00',
    'a%00b',
    '%0d%0aX-Injected:%201',
    '%252F',
    '%ff',
    '%',
    '%zz',
    '%c3%a4',
    '%F0%9F%92%B8',
    '%e2%80%ae',
    "'",
    '%22',
    '%3Cscript%3E',
    '{tenantId}',
    '#',
    ';',
    '*',
    '~',
    'a b'.replace(' ', '%20'),
    'a'.repeat(65),
    'a'.repeat(4_000),
  ];

  it.each(tricks.map((trick) => [trick.slice(0, 70), trick]))(
    'with %s in it is refused with 400 or 404',
    async (_, trick) => {
      for (const route of ALL_ROUTES) {
        for (const name of Object.keys(route.params.shape)) {
          const request = requestOf(route, { ...bench.values, [name]: trick });
          const answer = await bench.send(request);
          expect([request.path, [400, 404].includes(answer.status), answer.headers['x-injected']]).toEqual([
            request.path,
            true,
            undefined,
          ]);
        }
      }
    },
  );

  it('or headers longer than the front door takes are refused with 4xx, and the server goes on', async () => {
    for (const request of [
      { path: `/${'a'.repeat(9_000)}`, headers: {} },
      { path: '/', headers: { 'x-long': 'a'.repeat(20_000) } },
    ]) {
      const answer = await bench.cloud.sendUnjudged({ method: 'GET', ...request }).catch(() => undefined);
      expect(answer === undefined || (answer.status >= 400 && answer.status < 500)).toBe(true);
    }
    expect((await get('customers')).status).toBe(200);
  });

  it.each([
    'GET /v1/tenants HTTP/9.9\r\n\r\n',
    'GET\r\n\r\n',
    'POST /v1 HTTP/1.1\r\ncontent-length: -1\r\n\r\n',
    'POST /v1 HTTP/1.1\r\ntransfer-encoding: chunked\r\nhost: a\r\n\r\nZZ\r\n',
    '\u0000\u0001\u0002\r\n\r\n',
  ])('that is no HTTP closes the connection, and the server goes on: %j', async (text) => {
    const { port } = new URL(bench.cloud.cloud.apiUrl);
    const answer = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.end(text, 'latin1'));
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.on('error', () => resolve(received));
      socket.on('close', () => resolve(received));
    });
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(answer).not.toMatch(/at \S+ \(|node:/);
    expect((await get('customers')).status).toBe(200);
  });
});
