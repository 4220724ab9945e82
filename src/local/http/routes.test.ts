import { describe, expect, it } from 'vitest';
import { createRouter } from './routes.ts';

const route = (routeKey: string) => ({
  routeKey,
  functionName: 'f',
  timeoutMs: 1,
  authorizerId: undefined,
  scopes: [],
});
const find = createRouter(
  [
    'GET /a/{id}',
    'GET /a/fixed',
    'POST /a/{id}/b',
    'ANY /any',
    'GET /any',
    'GET /files/{path+}',
    'GET /files/{name}/info',
  ].map(route),
);

describe('routes', () => {
  it.each([
    ['GET', '/a/fixed', 'GET /a/fixed', {}],
    ['GET', '/a/7', 'GET /a/{id}', { id: '7' }],
    ['GET', '/a/x%20y%2Fz', 'GET /a/{id}', { id: 'x y/z' }],
    ['POST', '/a/7/b', 'POST /a/{id}/b', { id: '7' }],
    ['PUT', '/any', 'ANY /any', {}],
    ['GET', '/any', 'GET /any', {}],
    ['GET', '/files/x/info', 'GET /files/{name}/info', { name: 'x' }],
    ['GET', '/files/x/y/z', 'GET /files/{path+}', { path: 'x/y/z' }],
  ])('%s %s is answered by %s', (method, path, routeKey, pathParameters) => {
    const match = find(method, path);
    expect([match?.route.routeKey, match?.pathParameters]).toEqual([routeKey, pathParameters]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/a'],
    ['GET', '/a/'],
    ['GET', '/a/7/'],
    ['POST', '/a/7'],
    ['GET', '/A/7'],
    ['GET', '//a/7'],
  ])('%s %s is answered by none', (method, path) => {
    expect(find(method, path)).toBeUndefined();
  });

  it('$default takes the rest', () => {
    expect(createRouter([route('$default')])('PATCH', '/x/y')?.route.routeKey).toBe('$default');
  });

  it('refuses bad encoding', () => {
    expect(() => find('GET', '/a/%E0%A4%A')).toThrow(URIError);
  });
});
