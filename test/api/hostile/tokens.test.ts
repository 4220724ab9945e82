import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RIGHTS } from '../../../src/contract/rights.ts';
import { move } from '../../support/ledger.ts';
import { type Bench, COMMANDS, refusalOf, startBench, TENANT } from '../support/bench.ts';
import { type Forger, openForger, resigned } from '../support/forge.ts';

let bench: Bench;
let forger: Forger;
/** A key of the attacker's own. */
let stranger: { publicKey: KeyObject; privateKey: KeyObject };

beforeAll(async () => {
  bench = await startBench();
  forger = await openForger(bench.cloud, TENANT);
  stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
});
afterAll(() => bench.stop());

const later = () => Math.floor(Date.now() / 1_000) + 600;
const jwk = () => stranger.publicKey.export({ format: 'jwk' });
const pem = () => forger.publicKey.export({ type: 'spki', format: 'pem' });
const der = () => forger.publicKey.export({ type: 'spki', format: 'der' });
const hmac = (secret: string | Buffer) => (signed: string) => createHmac('sha256', secret).update(signed).digest();
const scope = (...scopes: string[]) => ({ claims: { scope: scopes.join(' ') } });
const ALL_RIGHTS = RIGHTS.map((right) => `rights/${right}`);

type Make = () => Promise<string> | string;

/** What is no token of ours: 401, by the gateway, before a function hears of it. */
const NO_TOKENS: [string, Make][] = [
  ['expired', () => forger.forge({ expiresIn: -1 })],
  ['that never expires', () => forger.forge({ expiresIn: null })],
  ['that expires at a word', () => forger.forge({ expiresIn: null, claims: { exp: 'tomorrow' } })],
  ['not yet valid', () => forger.forge({ claims: { nbf: later() } })],
  ['issued in the future', () => forger.forge({ claims: { iat: later() } })],
  ['of a wrong key', () => forger.forge({ key: stranger.privateKey })],
  ['of another client', () => forger.forge({ claims: { client_id: 'AnotherClient' } })],
  ['of no client', () => forger.forge({ claims: { client_id: undefined } })],
  ['for another audience', () => forger.forge({ claims: { aud: ['SomebodyElse'] } })],
  ['of another issuer', () => forger.forge({ claims: { iss: 'https://issuer.example.com' } })],
  [
    'of an issuer that begins like ours',
    () => forger.forge({ claims: { iss: 'https://cognito-idp.ap-southeast-2.amazonaws.com/' } }),
  ],
  ['of no issuer', () => forger.forge({ claims: { iss: undefined } })],
  ['without a signature, alg none', async () => resigned(await forger.forge(), { alg: 'none', kid: forger.kid })],
  ['alg NONE', async () => resigned(await forger.forge(), { alg: 'NONE', kid: forger.kid })],
  ['no alg', async () => resigned(await forger.forge(), { kid: forger.kid })],
  [
    'HS256 with the public key’s PEM',
    async () => resigned(await forger.forge(), { alg: 'HS256', kid: forger.kid }, hmac(pem())),
  ],
  [
    'HS256 with the public key’s DER',
    async () => resigned(await forger.forge(), { alg: 'HS256', kid: forger.kid }, hmac(der())),
  ],
  [
    'HS256 with an empty secret',
    async () => resigned(await forger.forge(), { alg: 'HS256', kid: forger.kid }, hmac('')),
  ],
  [
    'RS256 in name, HMAC in truth',
    async () => resigned(await forger.forge(), { alg: 'RS256', kid: forger.kid }, hmac(pem())),
  ],
  ['PS256 of the right key', () => forger.forge({ header: { alg: 'PS256' } })],
  ['RS512 of the right key', () => forger.forge({ header: { alg: 'RS512' } })],
  ['no kid', async () => resigned(await forger.forge({ key: stranger.privateKey }), { alg: 'RS256' })],
  ['an unknown kid', () => forger.forge({ kid: 'unknown' })],
  ['a kid that is a path', () => forger.forge({ kid: '../../../dev/null', key: stranger.privateKey })],
  ['a kid that is a query', () => forger.forge({ kid: "' OR '1'='1", key: stranger.privateKey })],
  ['a kid of every object', () => forger.forge({ kid: '__proto__', key: stranger.privateKey })],
  [
    'a kid that is no text',
    () => forger.forge({ header: { kid: [forger.kid] as unknown as string }, key: stranger.privateKey }),
  ],
  ['its own key in jwk', () => forger.forge({ key: stranger.privateKey, header: { jwk: jwk() } })],
  [
    'its own key in jwk, without kid',
    () => forger.forge({ key: stranger.privateKey, header: { jwk: jwk(), kid: '' } }),
  ],
  [
    'its own key set at jku',
    () => forger.forge({ key: stranger.privateKey, header: { jku: 'https://attacker.example.com/jwks.json' } }),
  ],
  [
    'its own certificate at x5u',
    () => forger.forge({ key: stranger.privateKey, header: { x5u: 'https://attacker.example.com/a.pem' } }),
  ],
  [
    'its own certificate in x5c',
    () =>
      forger.forge({
        key: stranger.privateKey,
        header: { x5c: [stranger.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] },
      }),
  ],
  [
    'a critical extension that nobody knows',
    async () => resigned(await forger.forge(), { alg: 'RS256', kid: forger.kid, crit: ['x'], x: 1 }),
  ],
  [
    'changed claims',
    async () => (await forger.forge()).replace(/\.[^.]*\./, `.${Buffer.from('{"sub":"ROOT"}').toString('base64url')}.`),
  ],
  ['a cut signature', async () => (await forger.forge()).slice(0, -4)],
  ['a signature of more', async () => `${await forger.forge()}AAAA`],
  ['a fourth part', async () => `${await forger.forge()}.AAAA`],
  ['five parts, as if encrypted', () => 'a.b.c.d.e'],
  ['two tokens in one', async () => `${await forger.forge()},${await forger.forge()}`],
  ['an identity token', () => forger.forge({ claims: { token_use: 'id' } })],
  ['a token of no use', () => forger.forge({ claims: { token_use: undefined } })],
  ['no subject', () => forger.forge({ claims: { sub: undefined } })],
];

/** Tokens of ours that may not do this: 403. */
const NO_RIGHTS: [string, Make][] = [
  ['no scope', () => forger.forge({ claims: { scope: undefined } })],
  ['an empty scope', () => forger.forge(scope(''))],
  ['no tenant', () => forger.forge(scope(...ALL_RIGHTS))],
  ['another tenant', () => forger.forge(scope('tenants/CU_OTHER', ...ALL_RIGHTS))],
  ['the tenant’s beginning', () => forger.forge(scope('tenants/CU', 'tenants/CU_TES', ...ALL_RIGHTS))],
  [
    'the tenant with more behind',
    () => forger.forge(scope('tenants/CU_TEST_2', 'tenants/CU_TEST/', 'tenants/CU_TEST#', ...ALL_RIGHTS)),
  ],
  ['the tenant in small letters', () => forger.forge(scope('tenants/cu_test', ...ALL_RIGHTS))],
  ['the tenant in look-alike letters', () => forger.forge(scope('tenants/СU_TEST', 'tenants/CU＿TEST', ...ALL_RIGHTS))],
  [
    'tenants by wildcard',
    () => forger.forge(scope('tenants/*', 'tenants/CU_*', 'tenants/', 'tenants', '*', ...ALL_RIGHTS)),
  ],
  ['no right', () => forger.forge(scope('tenants/CU_TEST'))],
  [
    'every right but the two',
    () => forger.forge(scope('tenants/CU_TEST', ...ALL_RIGHTS.filter((right) => !/queries|PostEntry/.test(right)))),
  ],
  ['rights by wildcard', () => forger.forge(scope('tenants/CU_TEST', 'rights/*', 'rights/commands:*', 'rights/', '*'))],
  [
    'rights in capital letters',
    () => forger.forge(scope('tenants/CU_TEST', 'RIGHTS/QUERIES', 'rights/COMMANDS:POSTENTRY')),
  ],
  [
    'scopes with commas between',
    () => forger.forge({ claims: { scope: ['tenants/CU_TEST', ...ALL_RIGHTS].join(',') } }),
  ],
  [
    'scopes with tabs between',
    () => forger.forge({ claims: { scope: ['tenants/CU_TEST', ...ALL_RIGHTS].join('\t') } }),
  ],
  ['a scope that is a list', () => forger.forge({ claims: { scope: ['tenants/CU_TEST', ...ALL_RIGHTS] } })],
  [
    'a list with scopes in its middle',
    () => forger.forge({ claims: { scope: ['x', 'tenants/CU_TEST', ...ALL_RIGHTS, 'y'] } }),
  ],
  ['a scope that is an object', () => forger.forge({ claims: { scope: { 'tenants/CU_TEST': true } } })],
  [
    'scopes under other names',
    () =>
      forger.forge({
        claims: { scope: undefined, scp: `tenants/CU_TEST ${ALL_RIGHTS.join(' ')}`, scopes: ALL_RIGHTS },
      }),
  ],
];

/** Odd, and good. */
const GOOD_TOKENS: [string, Make][] = [
  ['as the issuer makes them', () => forger.forge()],
  ['every scope twice', () => forger.forge(scope('tenants/CU_TEST', 'tenants/CU_TEST', ...ALL_RIGHTS, ...ALL_RIGHTS))],
  [
    'scopes of every object',
    () => forger.forge(scope('__proto__', 'tenants/__proto__', 'rights/constructor', 'tenants/CU_TEST', ...ALL_RIGHTS)),
  ],
  [
    'of several audiences, one of them ours',
    () => forger.forge({ claims: { aud: ['x', bench.cloud.cloud.outputs['TwinClientId'] ?? ''] } }),
  ],
  ['as large as headers may be', () => forger.forge({ claims: { padding: 'x'.repeat(6_000) } })],
];

const EACH = ['query', 'command', 'batch'] as const;

/** Asks for something, and sends a good command, alone and in a batch. */
function answersTo(token: string): Promise<[number, string | undefined][]> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify(move('GL_SALARY', bench.values['accountId'] ?? '', 1, { id: token }));
  const requests = {
    query: { method: 'GET', path: `/v1/tenants/${TENANT}/chains`, headers },
    command: { method: 'POST', path: COMMANDS, headers, body },
    batch: { method: 'POST', path: `${COMMANDS}/batch`, headers, body: `{"commands":[${body}]}` },
  };
  return Promise.all(EACH.map(async (each) => refusalOf(await bench.cloud.send(requests[each]))));
}

describe('a token', () => {
  it.each(NO_TOKENS)('%s: 401, and nothing is written', async (_, make) => {
    const before = await bench.journal();
    expect(await answersTo(await make())).toEqual(EACH.map(() => [401, 'Unauthorized']));
    expect(await bench.journal()).toEqual(before);
  });

  it.each(NO_RIGHTS)('of %s: 403, and nothing is written', async (_, make) => {
    const before = await bench.journal();
    expect(await answersTo(await make())).toEqual(EACH.map(() => [403, 'Forbidden']));
    expect(await bench.journal()).toEqual(before);
  });

  it.each(GOOD_TOKENS)('%s is good', async (_, make) => {
    expect((await answersTo(await make())).map(([status]) => status)).toEqual([200, 202, 202]);
  });

  it('too large for the headers: 431', async () => {
    const authorization = `Bearer ${await forger.forge({ claims: { padding: 'x'.repeat(20_000) } })}`;
    const path = `/v1/tenants/${TENANT}/chains`;
    const answer = await bench.cloud.sendUnjudged({ method: 'GET', path, headers: { authorization } });
    expect(answer.status).toBe(431);
  });
});
