import type { z } from 'zod';
import type { Route, routes } from '../../contract/routes.ts';
import type { Sha256 } from '../../core/chain/hash.ts';
import type { Journal } from '../../journal/port.ts';
import type { ViewStore } from '../port.ts';
import type { Tenant } from './read-tenant.ts';

type Routes = typeof routes;
export type QueryId = { [Id in keyof Routes]: Routes[Id]['handler'] extends 'query' ? Id : never }[keyof Routes];

type Inferred<Schema> = Schema extends z.ZodType ? z.infer<Schema> : unknown;
type QueryString<Definition extends Route> = Definition extends { query: infer Schema } ? Inferred<Schema> : unknown;

/** Path and query parameters of a route, read by its schemas, in one object. */
export type Parameters<Id extends QueryId> = Inferred<Routes[Id]['params']> & QueryString<Routes[Id]>;
export type Result<Id extends QueryId> = Inferred<Routes[Id]['result']>;

/** Where a query reads: with credentials that are bound to its tenant. */
export interface QueryContext {
  tenantId: string;
  tenant: Tenant;
  journal: Journal;
  views: ViewStore;
  sha256: Sha256;
}

export type QueryAnswer<Body> =
  | { outcome: 'found'; body: Body }
  | { outcome: 'notFound'; message: string }
  /** Parameters that are well formed but do not go together. */
  | { outcome: 'invalid'; faults: { path: string; message: string }[] };

export type Query<Id extends QueryId> = (
  context: QueryContext,
  parameters: Parameters<Id>,
) => Promise<QueryAnswer<Result<Id>>>;

export function found<Body>(body: Body): QueryAnswer<Body> {
  return { outcome: 'found', body };
}

export function notFound(
  what: 'tenant' | 'customer' | 'account' | 'entry' | 'chain' | 'digest',
  id: string,
): QueryAnswer<never> {
  return { outcome: 'notFound', message: `Cannot find ${what} "${id}"` };
}
