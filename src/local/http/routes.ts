import type { Stack } from '../template/stack.ts';

/** One route of the template's HTTP API. */
export interface Route {
  routeKey: string;
  /** Name or ARN of the function behind it. */
  functionName: string;
  timeoutMs: number;
  /** Logical id of the JWT authorizer; undefined for open routes. */
  authorizerId: string | undefined;
  /** One of these scopes is needed; empty when none is. */
  scopes: string[];
}

export interface RouteMatch {
  route: Route;
  pathParameters: Record<string, string>;
}

interface Candidate {
  route: Route;
  method: string;
  segments: string[];
}

const defaultTimeoutMs = 30_000;

/** The routes of the template's HTTP API, in its own terms. */
export function readRoutes(stack: Stack): Route[] {
  const integrations = new Map(
    stack.resources('AWS::ApiGatewayV2::Integration').map((integration) => [integration.physicalName, integration]),
  );
  const authorizers = new Map(
    stack
      .resources('AWS::ApiGatewayV2::Authorizer')
      .map((authorizer) => [authorizer.physicalName, authorizer.logicalId]),
  );
  return stack.resources('AWS::ApiGatewayV2::Route').map((route) => {
    const routeKey = String(route.required('RouteKey'));
    const integration = integrations.get(String(route.required('Target')).replace('integrations/', ''));
    if (integration === undefined)
      throw new Error(`Cannot serve route "${routeKey}": its target is no integration of the template`);
    const version = integration.property('PayloadFormatVersion');
    if (version !== '2.0')
      throw new Error(`Cannot serve route "${routeKey}": payload format "${String(version)}" is not 2.0`);
    // An integration names the function's ARN, or API Gateway's invocation path that holds it.
    const [functionName] = /arn:aws:lambda:[^/]+/.exec(String(integration.required('IntegrationUri'))) ?? [];
    if (functionName === undefined) throw new Error(`Cannot serve route "${routeKey}": it does not lead to a function`);
    const authorized = route.property('AuthorizationType') === 'JWT';
    const authorizerId = authorized ? authorizers.get(String(route.required('AuthorizerId'))) : undefined;
    if (authorized && authorizerId === undefined)
      throw new Error(`Cannot serve route "${routeKey}": its authorizer is not in the template`);
    return {
      routeKey,
      functionName,
      timeoutMs: Number(integration.property('TimeoutInMillis') ?? defaultTimeoutMs),
      authorizerId,
      scopes: (route.property('AuthorizationScopes') ?? []) as string[],
    };
  });
}

/** Finds the most specific route, as API Gateway does: fixed segments before parameters, these before `{proxy+}`, `$default` last. */
export function createRouter(routes: Route[]): (method: string, path: string) => RouteMatch | undefined {
  const fallback = routes.find((route) => route.routeKey === '$default');
  const candidates: Candidate[] = routes
    .filter((route) => route !== fallback)
    .map((route) => {
      const [method = '', path = ''] = route.routeKey.split(' ');
      return { route, method, segments: path.split('/').slice(1) };
    })
    .sort((a, b) => specificity(b) - specificity(a));

  return (method, path) => {
    const segments = path.split('/').slice(1);
    for (const candidate of candidates) {
      if (candidate.method !== method && candidate.method !== 'ANY') continue;
      const pathParameters = matchSegments(candidate.segments, segments);
      if (pathParameters !== undefined) return { route: candidate.route, pathParameters };
    }
    return fallback === undefined ? undefined : { route: fallback, pathParameters: {} };
  };
}

/** Digits by segment: 3 fixed, 2 parameter, 1 greedy; and a named method before ANY. */
function specificity({ method, segments }: Candidate): number {
  const bySegment = segments.reduce((sum, segment, index) => sum + kind(segment) * 4 ** -(index + 1), 0);
  return bySegment + (method === 'ANY' ? 0 : 1e-9);
}

function kind(segment: string): number {
  if (segment.endsWith('+}')) return 1;
  return segment.startsWith('{') ? 2 : 3;
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index];
    if (expected.endsWith('+}')) {
      parameters[expected.slice(1, -2)] = decodeURIComponent(segments.slice(index).join('/'));
      return parameters;
    }
    if (actual === undefined) return undefined;
    if (expected.startsWith('{')) {
      if (actual === '') return undefined;
      parameters[expected.slice(1, -1)] = decodeURIComponent(actual);
    } else if (expected !== actual) return undefined;
  }
  return segments.length === pattern.length ? parameters : undefined;
}
