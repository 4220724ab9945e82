import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthorizer } from '../http/authorizer.ts';
import { createApiFixture } from '../testing/api-fixture.ts';
import { testStack } from '../testing/dynamodb-bench.ts';
import type { Fixture } from '../testing/fixture.ts';
import { createIssuer, type Issuer } from './issuer.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';

let directory: string;
let fixture: Fixture;
let keys: KeyRing;
let issuer: Issuer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'turing-test-'));
  fixture = createApiFixture();
  keys = await openKeyRing(directory);
  issuer = createIssuer({ stack: testStack(fixture), keys, generatedSecret: () => 's3cret' });
});
afterAll(() => {
  fixture.remove();
  rmSync(directory, { recursive: true });
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const form = (fields: Record<string, string>) => new URLSearchParams({ grant_type: 'client_credentials', ...fields });
const poolUrl = 'https://cognito-idp.ap-southeast-2.amazonaws.com/ap-southeast-2_Pool';

describe('the token endpoint', () => {
  it('gives a token with the claims of Cognito, by header or by form', async () => {
    for (const answer of [
      await issuer.grant(basic('TWIN', 's3cret'), form({ scope: 'tenants/CU_A rights/queries' })),
      await issuer.grant(undefined, form({ client_id: 'TWIN', client_secret: 's3cret' })),
    ]) {
      if (answer.status !== 200) throw new Error(answer.body.error);
      expect(decodeJwt(answer.body.access_token)).toMatchObject({
        sub: 'TWIN',
        client_id: 'TWIN',
        token_use: 'access',
        scope: 'tenants/CU_A rights/queries',
        iss: poolUrl,
        version: 2,
        jti: expect.any(String),
      });
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 1_800 });
    }
  });

  it.each([
    ['a wrong secret', basic('TWIN', 'guess'), {}, 'invalid_client'],
    ['an unknown client', basic('NOBODY', 's3cret'), {}, 'invalid_client'],
    ['no client', undefined, {}, 'invalid_client'],
    ['a scope that the client may not have', basic('TWIN', 's3cret'), { scope: 'tenants/CU_B' }, 'invalid_scope'],
    ['another grant', basic('TWIN', 's3cret'), { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('refuses %s', async (_name, authorization, fields, error) => {
    expect(await issuer.grant(authorization, form(fields as Record<string, string>))).toEqual({
      status: 400,
      body: { error },
    });
  });
});

describe('tokens', () => {
  it('are accepted by their issuer and audience only', async () => {
    const header = `Bearer ${await issuer.issue({ subject: 'OPS', tenants: ['CU_A'], rights: ['queries'] })}`;
    const check = (change: { issuer?: string; audience?: string[] }) =>
      createAuthorizer({ issuer: poolUrl, audience: ['TWIN'], keys, ...change })(header, []);
    expect(await check({})).toMatchObject({
      ok: true,
      claims: { claims: { sub: 'OPS', scope: 'tenants/CU_A rights/queries' } },
    });
    expect(await check({ issuer: 'https://elsewhere' })).toMatchObject({ ok: false, status: 401 });
    expect(await check({ audience: ['OTHER'] })).toMatchObject({ ok: false, status: 401 });
  });

  it('end when they say, also once they were accepted', async () => {
    const authorize = createAuthorizer({ issuer: poolUrl, audience: ['TWIN'], keys });
    const header = `Bearer ${await issuer.issue({ subject: 'TWIN', tenants: [], rights: [], ttlSeconds: 1 })}`;
    expect(await authorize(header, [])).toMatchObject({ ok: true });
    await expect.poll(async () => (await authorize(header, [])).ok, { timeout: 3_000, interval: 100 }).toBe(false);
  });

  it('keep their key across restarts', async () => {
    const again = await openKeyRing(directory);
    expect(again.keyId).toBe(keys.keyId);
    expect(again.jwks()).toEqual(keys.jwks());
    expect(JSON.stringify(keys.jwks())).not.toContain('"d"');
  });
});
