import * as z from 'zod';
import { API_PREFIX, type QueryRoute, routes } from '../../src/contract/routes.ts';
import { fault } from '../../src/gateway/reply.ts';
import { faultsOf } from '../../src/gateway/validate.ts';
import type { QueryAnswer, QueryId } from '../../src/views/queries/query.ts';
import { type HttpEvent, HttpRefusal, type HttpResult, json, renderReply } from '../middleware/http.ts';

const ROUTES = Object.values(routes).filter((route) => route.handler === 'query');
const NO_QUERY = z.strictObject({});
/** Codes of the errors that mean: try again later. */
const UNAVAILABLE = new Set(['JOURNAL_UNAVAILABLE', 'VIEWS_UNAVAILABLE']);

/** Finds the query route that API Gateway matched. */
export function routeOf(event: HttpEvent): QueryRoute & { id: QueryId } {
  const route = ROUTES.find(({ method, path }) => event.routeKey === `${method} ${API_PREFIX}${path}`);
  if (!route) throw new HttpRefusal(fault('NotFound', `Cannot find route "${event.routeKey}"`));
  return route;
}

/** Reads path and query parameters by the schemas of the route. @throws HttpRefusal with every fault */
export function parametersOfRoute(route: QueryRoute, event: HttpEvent): Record<string, unknown> & { tenantId: string } {
  const path = route.params.safeParse(event.pathParameters ?? {});
  const query = (route.query ?? NO_QUERY).safeParse(event.queryStringParameters ?? {});
  const faults = [path, query].flatMap((result) => (result.success ? [] : faultsOf(result.error)));
  if (faults.length > 0) throw invalid(faults);
  return { ...query.data, ...path.data } as Record<string, unknown> & { tenantId: string }; // every route names its tenant
}

/** Waits for an answer and renders it. @throws HttpRefusal when what it needs cannot be reached */
export async function renderAnswer(answering: Promise<QueryAnswer<unknown>>): Promise<HttpResult> {
  const answer = await answering.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && UNAVAILABLE.has(String(error.code)))) throw error;
    throw new HttpRefusal(fault('ServiceUnavailable', 'The ledger cannot be read at the moment; try again'));
  });
  switch (answer.outcome) {
    case 'found':
      return json(200, answer.body);
    case 'notFound':
      return renderReply(fault('NotFound', answer.message));
    case 'invalid':
      throw invalid(answer.faults);
    default:
      return answer satisfies never;
  }
}

function invalid(faults: { path: string; message: string }[]): HttpRefusal {
  const message = faults.map(({ path, message: text }) => `${path}: ${text}`).join('; ');
  return new HttpRefusal(fault('ValidationError', `The request is not valid: ${message}`, { faults }));
}
