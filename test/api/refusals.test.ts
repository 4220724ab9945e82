import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/contract/limits.ts';
import { VIOLATIONS, type ViolationCode } from '../../src/contract/refusals.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createCustomer, createTenant, move, openAccount, products } from '../support/ledger.ts';
import { type Member, openBank } from './support/bank.ts';
import { openapi } from './support/documented.ts';
import type { HttpAnswer, HttpRequest } from './support/http.ts';
import { ALL_ROUTES, pathOf, requestOf } from './support/paths.ts';
import { submit } from './support/submit.ts';

const tenantId = 'CU_TEST';
const commands = `/v1/tenants/${tenantId}/commands`;

let cloud: TestCloud;
let ledger: LedgerClient;
let members: Member[];
let authorization: string;
let values: Record<string, string>;

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger();
  members = await openBank(ledger, { tenantId, members: 2 });
  authorization = `Bearer ${await cloud.token({ tenants: [tenantId, 'CU_NOWHERE', 'CU_FRESH'] })}`;
  const { entityId } = await submit(ledger, move('GL_SALARY', members[0]?.accountId ?? '', 1, { id: 'one' }));
  values = {
    tenantId,
    customerId: members[0]?.customerId ?? '',
    accountId: members[0]?.accountId ?? '',
    entryId: entityId,
  };
  await cloud.cloud.settled();
});
afterAll(() => cloud.stop());

const send = (request: HttpRequest): Promise<HttpAnswer> =>
  cloud.send({ ...request, headers: { authorization, ...request.headers } });
const post = (body: string | Uint8Array, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  send({ method: 'POST', path: commands, body, headers });
const get = (path: string) => send({ method: 'GET', path: `/v1/tenants/${tenantId}/${path}` });
const refusalOf = (answer: HttpAnswer) => [answer.status, (JSON.parse(answer.text) as { error?: string }).error];
const entry = (id: string) => JSON.stringify(move('GL_SALARY', values['accountId'] ?? '', 1, { id }));

async function journal(): Promise<unknown> {
  return (await ledger.GET('/tenants/{tenantId}/chains', { params: { path: { tenantId } } })).data?.chains.map(
    ({ chain, headSeq, headHash }) => ({ chain, headSeq, headHash }),
  );
}

describe('a body', () => {
  it.each<[string, () => string | Uint8Array, Record<string, string>]>([
    ['that is empty', () => '', { 'content-type': 'application/json' }],
    ['of blanks', () => ' \n ', { 'content-type': 'application/json' }],
    ['that breaks off', () => entry('broken').slice(0, -3), { 'content-type': 'application/json' }],
    ['of two documents', () => `${entry('two')}${entry('two')}`, { 'content-type': 'application/json' }],
    ['that is no object', () => '"text"', { 'content-type': 'application/json' }],
    ['null', () => 'null', { 'content-type': 'application/json' }],
    ['with NaN', () => entry('nan').replace('"amount":1', '"amount":NaN'), { 'content-type': 'application/json' }],
    [
      'of bytes that are no text',
      () => new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
      { 'content-type': 'application/json' },
    ],
    ['nested beyond measure', () => '['.repeat(100_000), { 'content-type': 'application/json' }],
    ['of the content type text/plain', () => entry('plain'), { 'content-type': 'text/plain' }],
    ['of a form', () => entry('form'), { 'content-type': 'application/x-www-form-urlencoded' }],
    ['without a content type', () => entry('none'), {}],
    ['of a type that only begins like JSON', () => entry('like'), { 'content-type': 'application/json-seq' }],
  ])('%s is refused with 400, and nothing is written', async (_, body, headers) => {
    const before = await journal();
    for (const path of [commands, `${commands}/batch`]) {
      const answer = await send({ method: 'POST', path, body: body(), headers });
      expect(refusalOf(answer)).toEqual([400, 'ValidationError']);
      expect(JSON.parse(answer.text)).toMatchObject({
        details: { faults: [expect.objectContaining({ message: expect.any(String) as string })] },
      });
    }
    expect(await journal()).toEqual(before);
  });

  it('may name its character set, in any case', async () => {
    expect((await post(entry('charset'), { 'content-type': 'Application/JSON; charset=UTF-8' })).status).toBe(202);
  });

  it('names every fault with its path', async () => {
    const command = { ...move('GL_SALARY', '', -1, { id: 'faulty' }), timestamp: 'yesterday', more: 1 };
    const answer = await post(JSON.stringify(command));
    const { details } = JSON.parse(answer.text) as { details: { faults: { path: string }[] } };
    expect(details.faults.map((fault) => fault.path).sort()).toEqual([
      'more',
      'payload.legs[0].amount',
      'payload.legs[1].accountId',
      'payload.legs[1].amount',
      'timestamp',
    ]);
  });

  it('of another tenant than the path’s is refused with 400', async () => {
    expect(
      refusalOf(await post(JSON.stringify(move('GL_A', 'GL_B', 1, { id: 'elsewhere', tenantId: 'CU_FRESH' })))),
    ).toEqual([400, 'ValidationError']);
  });

  it.each([
    [commands, LIMITS.commandBytes],
    [`${commands}/batch`, LIMITS.batchBytes],
  ])('for %s beyond its limit is refused with 413, whatever it holds', async (path, limitBytes) => {
    const before = await journal();
    const headers = { 'content-type': 'application/json' };
    const padded = (bytes: number) => `{"x":"${'x'.repeat(bytes - 8)}"}`;
    expect((await send({ method: 'POST', path, headers, body: padded(limitBytes) })).status).toBe(400);
    for (const bytes of [limitBytes + 1, 7 * 1024 * 1024, 11 * 1024 * 1024]) {
      const answer = await send({ method: 'POST', path, headers, body: padded(bytes) });
      expect(refusalOf(answer)).toEqual([413, 'PayloadTooLarge']);
    }
    // Characters of three bytes: the limit is one of bytes.
    expect((await send({ method: 'POST', path, headers, body: `"${'€'.repeat(limitBytes / 3 + 1)}"` })).status).toBe(
      413,
    );
    expect(await journal()).toEqual(before);
  });
});

describe('a route', () => {
  it.each(ALL_ROUTES.map((route) => [route.path, route] as const))(
    '%s answers other methods with 404',
    async (_, route) => {
      const known = new Set(ALL_ROUTES.filter((each) => each.path === route.path).map((each) => each.method as string));
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PURGE'].filter(
        (each) => !known.has(each),
      )) {
        expect((await send({ ...requestOf(route, values), method })).status).toBe(404);
      }
    },
  );

  it.each([
    '/',
    '/v1',
    '/v1/',
    '/v1/tenants',
    `/v1/tenants/${tenantId}`,
    `/v1/tenants/${tenantId}/`,
    `/v1/tenants/${tenantId}/customers/`,
    `/v1/tenants//customers`,
    `//v1/tenants/${tenantId}/customers`,
    `/v2/tenants/${tenantId}/customers`,
    `/tenants/${tenantId}/customers`,
    `/V1/tenants/${tenantId}/customers`,
    `/v1/tenants/${tenantId}/Customers`,
    `/v1/tenants/${tenantId}/accounts/a/b/events`,
    '/.env',
    '/openapi.json/',
    '/admin',
  ])('%s is answered with 404', async (path) => {
    expect(refusalOf(await send({ method: 'GET', path }))).toEqual([404, 'NotFound']);
  });

  it('serves the documentation to everybody', async () => {
    const answer = await cloud.sendUnjudged({ method: 'GET', path: '/openapi.json' });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, openapi]);
    expect(await cloud.sendUnjudged({ method: 'GET', path: '/docs' })).toMatchObject({
      status: 200,
      headers: { 'content-type': expect.stringContaining('text/html') as string },
    });
    for (const file of ['..%2f..%2fpackage.json', '%2e%2e', 'nothing.js', 'constructor', '%00']) {
      expect((await cloud.sendUnjudged({ method: 'GET', path: `/docs/${file}` })).status).toBe(404);
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
      const request = { ...requestOf(route, { ...values, tenantId: 'CU_NOWHERE' }), ...body };
      const answer = await send(request);
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
        (values['entryId'] ?? '').replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        'nothing',
      ],
    };
    for (const id of kinds[name] ?? expect.fail(`no unknown ids for "${name}"`)) {
      expect(refusalOf(await send({ method: route.method, path: pathOf(route, { ...values, [name]: id }) }))).toEqual([
        404,
        'NotFound',
      ]);
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
      const path = pathOf(route, values);
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
        const answer = await send({ method: 'GET', path: `${path}?${encodeURI(query).replaceAll('%25', '%')}` });
        expect([query, ...refusalOf(answer)]).toEqual([query, 400, 'ValidationError']);
      }
      for (const query of ['limit=1', 'limit=1000', 'offset=0', 'offset=9007199254740991', '', '&']) {
        expect([query, (await send({ method: 'GET', path: `${path}?${query}` })).status]).toEqual([query, 200]);
      }
    },
  );

  it.each(ALL_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'that %s does not know is refused with 400',
    async (_, route) => {
      const request = requestOf(route, values);
      expect(refusalOf(await send({ ...request, path: `${request.path}?surprise=1` }))).toEqual([
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
    expect(refusalOf(await get(`accounts/${values['accountId'] ?? ''}/balance?${query}`))).toEqual([
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
      const before = await journal();
      expect(
        refusalOf(
          await send({
            method: 'POST',
            path: `${commands}?${query}`,
            headers: { 'content-type': 'application/json' },
            body: entry(`dry ${query}`),
          }),
        ),
      ).toEqual([400, 'ValidationError']);
      expect(await journal()).toEqual(before);
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
          const request = requestOf(route, { ...values, [name]: trick });
          const answer = await send(request);
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
      const answer = await cloud.sendUnjudged({ method: 'GET', ...request }).catch(() => undefined);
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
    const { port } = new URL(cloud.cloud.apiUrl);
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

describe('a rule of the ledger', () => {
  const fresh = (change: object) => ({
    ...createTenant('CU_FRESH'),
    payload: { ...createTenant('CU_FRESH').payload, ...change },
    commandId: crypto.randomUUID(),
  });
  const product = (change: object) => ({
    ...products()[0],
    payload: { ...products()[0]?.payload, ...change },
    commandId: crypto.randomUUID(),
  });
  const open = (options: Partial<Parameters<typeof openAccount>[1]>) =>
    openAccount(values['customerId'] ?? '', { id: crypto.randomUUID(), ...options });
  const post$ = (change: object, from = 'GL_SALARY', to = values['accountId'] ?? '') =>
    move(from, to, 1, { id: crypto.randomUUID(), change });

  /** One command for each way in which a client can get it wrong; every rule on every engine is tested below HTTP. */
  const cases: [ViolationCode, () => object][] = [
    ['TenantExists', () => ({ ...createTenant(), commandId: crypto.randomUUID() })],
    ['CurrencyUnsupported', () => fresh({ baseCurrency: 'XXX' })],
    ['TimeZoneUnknown', () => fresh({ timeZone: 'Mars/Olympus' })],
    ['ProductTypeChanged', () => product({ productType: 'LOAN' })],
    ['RateNegative', () => product({ interest: { rate: -0.01 } })],
    ['ConstraintsInconsistent', () => product({ constraints: { minBalance: 2, maxBalance: 1 } })],
    ['CustomerUnderAge', () => createCustomer(700, { person: { dateOfBirth: '2020-01-01' } })],
    ['EmailTaken', () => createCustomer(701, { person: { email: 'Member0@Example.com' } })],
    ['MobileTaken', () => createCustomer(702, { person: { mobile: '+61255500000' } })],
    ['ExternalRefTaken', () => createCustomer(0, { person: { email: 'new@example.com', mobile: '+61255500777' } })],
    ['CustomerUnknown', () => openAccount('cust_07_00000000000000000000', { id: crypto.randomUUID() })],
    ['ProductUnknown', () => open({ productCode: 'NONE' })],
    ['InitialDepositTooLow', () => open({ productCode: 'TERM', initialDeposit: 1 })],
    ['LoanAmountOutOfRange', () => open({ productCode: 'LOAN', loan: { principal: 1 } })],
    ['LoanTermNotOffered', () => open({ productCode: 'LOAN', loan: { termMonths: 7 } })],
    ['DebtToIncomeTooHigh', () => open({ productCode: 'LOAN', loan: { principal: 50_000 } })],
    ['CurrencyMismatch', () => post$({ currency: 'USD' })],
    [
      'EntryUnbalanced',
      () =>
        post$({
          legs: [
            { accountId: 'GL_A', direction: 'DEBIT', amount: 1 },
            { accountId: 'GL_B', direction: 'CREDIT', amount: 2 },
          ],
        }),
    ],
    ['ValueDateBeforeBooking', () => post$({ valueDate: '2025-01-02' })],
    ['AccountUnknown', () => post$({}, 'GL_SALARY', 'ACC_123_TXN')],
    ['InsufficientFunds', () => move(values['accountId'] ?? '', 'GL_X', 10_000, { id: crypto.randomUUID() })],
    ['ClosingBalanceNotZero', () => post$({ closes: [values['accountId'] ?? ''] })],
  ];

  it.each(cases)('%s is refused with 422, and with its invariant, code, message and details', async (code, command) => {
    const body = command() as { tenantId: string; commandId: string };
    const answer = await send({
      method: 'POST',
      path: `/v1/tenants/${body.tenantId}/commands`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toMatchObject({
      commandId: body.commandId,
      error: code,
      invariant: VIOLATIONS[code].invariant,
      message: VIOLATIONS[code].text,
      details: {},
    });
  });

  it.each<[string, number]>([
    ['too many decimals', 0.001],
    ['2^53 minor units', 2 ** 53 / 100],
    ['beyond any amount', 1e308],
  ])('an amount of %s is a ValidationError', async (_, amount) => {
    expect(refusalOf(await post(JSON.stringify(move('GL_A', 'GL_B', amount, { id: `amount ${amount}` }))))).toEqual([
      400,
      'ValidationError',
    ]);
  });

  it('IdempotencyKeyReused is refused with 409, and the first command stands', async () => {
    const command = move('GL_SALARY', values['accountId'] ?? '', 2, { id: 'first', key: 'shared' });
    const first = await post(JSON.stringify(command));
    expect(first.status).toBe(202);
    const before = await journal();
    const other = move('GL_SALARY', values['accountId'] ?? '', 3, { id: 'second', key: 'shared' });
    expect(refusalOf(await post(JSON.stringify(other)))).toEqual([409, 'IdempotencyKeyReused']);
    expect(await journal()).toEqual(before);
    expect((await post(JSON.stringify(command))).text).toBe(first.text);
  });
});
