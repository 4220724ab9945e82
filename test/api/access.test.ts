import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import { COMMAND_RIGHTS, type Right, RIGHTS } from '../../src/contract/rights.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud, type TokenOptions } from '../support/cloud.ts';
import { makeDigest } from '../support/digests.ts';
import { createCustomer, createTenant, move, openAccount, products } from '../support/ledger.ts';
import { type Member, openBank } from './support/bank.ts';
import { type Change, type Forger, openForger, resigned } from './support/forge.ts';
import type { HttpAnswer } from './support/http.ts';
import { ALL_ROUTES, requestOf } from './support/paths.ts';
import { submit, submitBatch } from './support/submit.ts';

/** Two tenants, the second with the first one's code as the beginning of its own. */
const tenantId = 'CU_A';
const neighbourId = 'CU_AB';

let cloud: TestCloud;
let forger: Forger;
let neighbour: LedgerClient;
let values: Record<string, string>;
let neighbours: Member[];
let neighbourEntryId: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  forger = await openForger(cloud, tenantId);
  const ledger = cloud.ledger({ tenants: [tenantId] });
  neighbour = cloud.ledger({ tenants: [neighbourId] });
  const [own] = await openBank(ledger, { tenantId, members: 1 });
  neighbours = await openBank(neighbour, { tenantId: neighbourId, members: 2 });
  neighbourEntryId = (
    await submit(
      neighbour,
      move('GL_SALARY', neighbours[0]?.accountId ?? '', 77, { id: 'theirs', tenantId: neighbourId }),
    )
  ).entityId;
  const { entityId } = await submit(ledger, move('GL_SALARY', own?.accountId ?? '', 1, { id: 'ours', tenantId }));
  const { customerId = '', accountId = '' } = own ?? {};
  values = { tenantId, customerId, accountId, entryId: entityId, chain: accountId.slice(4, 6), number: '1' };
  await makeDigest(cloud.cloud, tenantId);
  await cloud.cloud.settled();
});
afterAll(() => cloud.stop());

const forge = (change?: Change) => forger.forge(change);

const withoutSignature = (token: string, alg: string) => resigned(token, { alg, typ: 'JWT' });

const get = async (headers: Record<string, string>): Promise<HttpAnswer> =>
  cloud.send({ method: 'GET', path: `/v1/tenants/${tenantId}/customers`, headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a token', () => {
  it('made as the tests make theirs is good, so that what is spoilt below is what is refused', async () => {
    expect((await get(bearer(await forge()))).status).toBe(200);
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    ['none', async () => ({})],
    ['an empty header', async () => ({ authorization: '' })],
    ['another scheme', async () => ({ authorization: 'Basic dXNlcjpwYXNz' })],
    ['garbage', async () => bearer('garbage')],
    ['three parts of garbage', async () => bearer('a.b.c')],
    ['one that has expired', async () => bearer(await forge({ expiresIn: -5 }))],
    ['one that never expires', async () => bearer(await forge({ expiresIn: null }))],
    [
      'one that is not yet good',
      async () => bearer(await forge({ claims: { nbf: Math.floor(Date.now() / 1_000) + 600 } })),
    ],
    [
      'one of an unknown key',
      async () => bearer(await forge({ key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey })),
    ],
    ['one of an unknown key’s name', async () => bearer(await forge({ kid: 'another' }))],
    ['alg none', async () => bearer(withoutSignature(await forge(), 'none'))],
    ['alg HS256', async () => bearer(`${withoutSignature(await forge(), 'HS256')}AAAA`)],
    ['another audience', async () => bearer(await forge({ claims: { client_id: 'SomeOtherClient' } }))],
    ['an audience that outdoes the client id', async () => bearer(await forge({ claims: { aud: 'SomeOtherClient' } }))],
    ['another issuer', async () => bearer(await forge({ claims: { iss: 'https://issuer.example.com/' } }))],
    [
      'a changed payload',
      async () =>
        bearer((await forge()).replace(/\.[^.]*\./, `.${Buffer.from('{"sub":"ROOT"}').toString('base64url')}.`)),
    ],
  ])('that is no good is refused with 401: %s', async (_, headersOf) => {
    const answer = await get(await headersOf());
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ message: 'Unauthorized' });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('expires while it is in use', async () => {
    const token = await cloud.token({ tenants: [tenantId], ttlSeconds: 2 });
    expect((await get(bearer(token))).status).toBe(200);
    await expect.poll(async () => (await get(bearer(token))).status, { timeout: 5_000, interval: 200 }).toBe(401);
  });

  it('comes from the OAuth endpoint for the client’s secret, and for nothing else', async () => {
    const { TokenUrl: endpoint = '', TwinClientId: clientId = '' } = cloud.cloud.outputs;
    const ask = async (options: { secret: string; grant?: string; scope?: string }) => {
      const headers = {
        authorization: `Basic ${Buffer.from(`${clientId}:${options.secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      };
      const body = new URLSearchParams({
        grant_type: options.grant ?? 'client_credentials',
        ...(options.scope !== undefined && { scope: options.scope }),
      });
      const response = await fetch(endpoint, { method: 'POST', headers, body });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const secret =
      (JSON.parse(readFileSync(join(cloud.cloud.dataDir, 'secrets.json'), 'utf8')) as Record<string, string>)[
        'TwinClient'
      ] ?? '';
    const granted = await ask({ secret, scope: 'tenants/CU_DIGITAL rights/platform:tenants' });
    expect(granted).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 3_600 } });
    const created = await cloud.send({
      method: 'POST',
      path: '/v1/tenants/CU_DIGITAL/commands',
      headers: { ...bearer(String(granted.body['access_token'])), 'content-type': 'application/json' },
      body: JSON.stringify({ ...createTenant('CU_DIGITAL'), actor: { actorType: 'SYSTEM', actorId: clientId } }),
    });
    expect(created.status).toBe(202);
    expect(await ask({ secret: 'wrong' })).toEqual({ status: 400, body: { error: 'invalid_client' } });
    expect(await ask({ secret, grant: 'password' })).toEqual({
      status: 400,
      body: { error: 'unsupported_grant_type' },
    });
    expect(await ask({ secret, scope: 'tenants/CU_OTHER' })).toEqual({ status: 400, body: { error: 'invalid_scope' } });
  });
});

describe.each(ALL_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
  const send = async (headers: Record<string, string>, change: Record<string, string> = {}) => {
    const request = requestOf(route, { ...values, ...change });
    return cloud.send({ ...request, headers: { ...request.headers, ...headers } });
  };
  const as = async (options: TokenOptions) => bearer(await cloud.token({ tenants: [tenantId], ...options }));

  it('lets nobody in without a token', async () => {
    for (const headers of [
      {},
      bearer('garbage'),
      bearer(withoutSignature(await forge(), 'none')),
      bearer(await forge({ expiresIn: -5 })),
    ])
      expect((await send(headers)).status).toBe(401);
  });

  it('answers who may', async () => {
    // The command is none, which is as far as a request without one gets.
    expect((await send(await as({}))).status).toBe(
      route.handler === 'query' ? 200 : route.id === 'submitCommandBatch' ? 200 : 400,
    );
  });

  it('refuses tokens of other tenants, and says no more of a tenant that exists than of one that does not', async () => {
    const body = JSON.stringify(
      route.id === 'submitCommandBatch' ? { commands: [forNeighbour(neighbourId)] } : forNeighbour(neighbourId),
    );
    for (const tenants of [[neighbourId], ['CU'], ['cu_a'], ['CU_A#'], ['*'], []]) {
      const answer = await send(await as({ tenants }), {});
      const refused =
        route.handler === 'query'
          ? [answer.status]
          : statusesOf(
              await cloud.send({
                ...requestOf(route, values),
                body: body.replaceAll(neighbourId, tenantId),
                headers: { 'content-type': 'application/json', ...(await as({ tenants })) },
              }),
            );
      expect(refused).toEqual([403]);
      expect(answer.text).not.toContain(neighbourId);
    }
    const textOf = async (path: string) => {
      const sent = requestOf(route, { ...values, tenantId: path });
      const answer = await cloud.send({
        ...sent,
        headers: { ...sent.headers, ...(await as({})) },
        ...(sent.body !== undefined && { body: body.replaceAll(neighbourId, path) }),
      });
      return { statuses: statusesOf(answer), text: answer.text.replaceAll(path, '…') };
    };
    const there = await textOf(neighbourId);
    expect(there.statuses).toEqual([403]);
    expect(await textOf('CU_NOWHERE')).toEqual(there);
    expect(there.text).not.toMatch(/Jane|member0@/);
  });

  it('refuses a token without the right', async () => {
    if (route.handler === 'query') {
      for (const rights of [[], RIGHTS.filter((right) => right !== route.right)])
        expect((await send(await as({ rights }))).status).toBe(403);
      return;
    }
    for (const command of oneOfEach()) {
      const body = JSON.stringify(route.id === 'submitCommandBatch' ? { commands: [command] } : command);
      const right: Right = COMMAND_RIGHTS[command.commandType];
      const request = { ...requestOf(route, values), body };
      for (const rights of [[], RIGHTS.filter((each) => each !== right)]) {
        const answer = await cloud.send({ ...request, headers: { ...request.headers, ...(await as({ rights })) } });
        expect(statusesOf(answer)).toEqual([403]);
        expect(answer.text).toContain(right);
      }
      const wrongActor = await cloud.send({
        ...request,
        headers: { ...request.headers, ...(await as({ subject: 'SOMEBODY_ELSE' })) },
      });
      expect(statusesOf(wrongActor)).toEqual([403]);
    }
  });
});

describe('a tenant', () => {
  it('does not see the accounts, customers and entries of another by their ids', async () => {
    const headers = bearer(await cloud.token({ tenants: [tenantId] }));
    const ids = [
      `customers/${neighbours[0]?.customerId ?? ''}`,
      `accounts/${neighbours[0]?.accountId ?? ''}`,
      `accounts/${neighbours[0]?.accountId ?? ''}/events`,
      `accounts/${neighbours[0]?.accountId ?? ''}/balance`,
      `accounts?customerId=${neighbours[0]?.customerId ?? ''}`,
      `entries/${neighbourEntryId}`,
      'digests/2',
    ];
    for (const id of ids) {
      const answer = await cloud.send({ method: 'GET', path: `/v1/tenants/${tenantId}/${id}`, headers });
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain(neighbourId);
    }
  });

  it('does not post to the accounts of another, nor open accounts for its customers', async () => {
    const ledger = cloud.ledger({ tenants: [tenantId, neighbourId] });
    const { accountId = '', customerId = '' } = neighbours[1] ?? {};
    const results = await submitBatch(ledger, tenantId, [
      move('GL_SALARY', accountId, 1, { id: 'into theirs', tenantId }),
      move(accountId, values['accountId'] ?? '', 1, { id: 'out of theirs', tenantId }),
      openAccount(customerId, { id: 'for theirs', tenantId }),
      // The path's tenant decides, even where the token covers the envelope's too.
      move('GL_SALARY', accountId, 1, { id: 'through the wrong door', tenantId: neighbourId }),
    ]);
    expect(results.map(({ status, body }) => [status, 'error' in body && body.error])).toEqual([
      [422, 'AccountUnknown'],
      [422, 'AccountUnknown'],
      [422, 'CustomerUnknown'],
      [400, 'ValidationError'],
    ]);
    const { data } = await neighbour.GET('/tenants/{tenantId}/accounts/{accountId}/balance', {
      params: { path: { tenantId: neighbourId, accountId } },
    });
    expect(data?.balance).toBe(100);
  });
});

function forNeighbour(id: string): CommandEnvelope {
  return move('GL_SALARY', 'GL_OTHER', 1, { id: 'for a neighbour', tenantId: id });
}

function oneOfEach(): CommandEnvelope[] {
  const [product] = products(tenantId);
  return [
    createTenant(tenantId),
    ...(product ? [product] : []),
    createCustomer(99, { tenantId }),
    openAccount(values['customerId'] ?? '', { id: 'no right', tenantId }),
    move('GL_SALARY', 'GL_OTHER', 1, { id: 'no right', tenantId }),
  ];
}

/** The status of an answer, or of each result where it is a batch's. */
function statusesOf(answer: HttpAnswer): number[] {
  const { results } = JSON.parse(answer.text) as { results?: { status: number }[] };
  return results ? results.map((result) => result.status) : [answer.status];
}
