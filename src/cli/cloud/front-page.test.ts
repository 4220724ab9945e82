import { expect, test } from 'vitest';
import { DOCS_LINKS, frontPage } from './front-page.ts';

test('the bare address has links, and no other path is taken from the API', async () => {
  const respond = frontPage([...DOCS_LINKS, { href: '/reports/x', text: '<Report>' }]);
  const answer = await respond('/');
  expect(answer).toMatchObject({ status: 200, contentType: 'text/html; charset=utf-8' });
  expect(answer?.body).toMatch(/href="\/docs"[^]*href="\/openapi\.json"[^]*href="\/reports\/x">&lt;Report&gt;/);
  for (const path of ['/v1', '/docs', '/index.html', '/v1/tenants/CU_A/accounts', ''])
    expect(await respond(path)).toBeUndefined();
});
