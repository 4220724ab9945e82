import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../index.ts';
import { createApiFixture } from '../testing/api-fixture.ts';
import type { Fixture } from '../testing/fixture.ts';

let fixture: Fixture;
let cloud: Cloud;
let headers: { authorization: string };

beforeAll(async () => {
  fixture = createApiFixture();
  cloud = await startCloud({ assemblyDir: fixture.assemblyDir, httpLimits: { invocations: 2 } });
  const token = await cloud.issueToken({ subject: 'TWIN', tenants: ['CU_A'], rights: ['queries'] });
  headers = { authorization: `Bearer ${token}` };
});
afterAll(async () => {
  await cloud.stop();
  fixture.remove();
});

const get = async (path: string) => {
  const response = await fetch(`${cloud.apiUrl}${path}`, { headers });
  return [response.status, response.headers.get('retry-after')];
};

it('requests beyond what functions may work on get 429 with Retry-After, until there is room again', async () => {
  expect((await get('/echo'))[0]).toBe(200);
  const answers = await Promise.all(Array.from({ length: 5 }, () => get('/slow')));
  // The integration gives up on a slow function, which goes on all the same.
  expect(answers.map(([status]) => status).toSorted((a, b) => Number(a) - Number(b))).toEqual([
    429, 429, 429, 503, 503,
  ]);
  expect(answers.map(([, retryAfter]) => retryAfter)).toEqual(Array.from({ length: 5 }, () => '1'));
  expect(await get('/echo')).toEqual([429, '1']);
  await expect.poll(async () => (await get('/echo'))[0], { timeout: 15_000 }).toBe(200);
}, 25_000);
