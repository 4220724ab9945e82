import type { Route } from '../../../src/contract/routes.ts';
import { pathOf } from './paths.ts';

/** What the parameters of routes are filled with, by their names. */
export type Values = Readonly<Record<string, string>>;

export interface Crossing {
  name: string;
  route: Route;
  path: string;
  /** How a token of ours is refused there; undefined where it is answered, with our own. */
  status: 403 | 404 | undefined;
}

/** Names that every tenant has alike: a chain `07` is there in each of them. */
const SHARED: ReadonlySet<string> = new Set(['chain']);

/**
 * Every way in which a route can be asked, with a token for our tenant, for what is another's: its tenant in the path, and each
 * of its ids in the place of ours, in the path and in the query.
 * @throws for a parameter without values: a new one needs an id of each tenant
 */
export function crossingsOf(routes: readonly Route[], ours: Values, theirs: Values): Crossing[] {
  return routes.flatMap((route) => {
    const crossings: Crossing[] = [
      { name: 'their tenant', route, path: filled(route, theirs), status: 403 },
      {
        name: 'their tenant, our ids',
        route,
        path: filled(route, { ...ours, ...only(theirs, 'tenantId') }),
        status: 403,
      },
      { name: 'no tenant, our ids', route, path: filled(route, { ...ours, tenantId: 'CU_NOWHERE' }), status: 403 },
    ];
    for (const parameter of Object.keys(route.params.shape).filter((each) => each !== 'tenantId')) {
      const path = filled(route, { ...ours, ...only(theirs, parameter) });
      crossings.push({ name: `their ${parameter}`, route, path, status: SHARED.has(parameter) ? undefined : 404 });
    }
    for (const parameter of Object.keys(route.query?.shape ?? {}).filter((each) => each.endsWith('Id'))) {
      const query = new URLSearchParams(only(theirs, parameter)).toString();
      crossings.push({
        name: `their ${parameter} in the query`,
        route,
        path: `${filled(route, ours)}?${query}`,
        status: 404,
      });
    }
    return crossings;
  });
}

function filled(route: Route, values: Values): string {
  for (const parameter of Object.keys(route.params.shape)) only(values, parameter);
  return pathOf(route, values);
}

function only(values: Values, parameter: string): Record<string, string> {
  const value = values[parameter];
  if (value === undefined)
    throw new Error(`Cannot cross "${parameter}": give the tests an id of each tenant for it, in test/api/hostile`);
  return { [parameter]: value };
}
