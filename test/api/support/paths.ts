import { API_PREFIX, type Route, routes } from '../../../src/contract/routes.ts';

/** Every route of the route table: a new one is tested with the others as soon as it stands there. */
export const ALL_ROUTES: readonly Route[] = Object.values(routes);

/** The path of a route with its parameters filled in, as they stand. */
export function pathOf(route: Route, values: Readonly<Record<string, string>>): string {
  return `${API_PREFIX}${route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `unknown-${name}`)}`;
}

/** A request of a route that would be answered, but for what a test does to it. */
export function requestOf(
  route: Route,
  values: Readonly<Record<string, string>>,
): { method: string; path: string; headers: Record<string, string>; body?: string } {
  const request = { method: route.method, path: pathOf(route, values), headers: {} };
  return route.handler === 'command'
    ? { ...request, headers: { 'content-type': 'application/json' }, body: '{"commands":[{}]}' }
    : request;
}
