import { expect, test } from 'vitest';
import { gatewayRoutes } from '../../src/contract/routes.ts';
import { ofType, properties, referenced, theOne } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const { template } = await synthesizeOnce();

const FUNCTION_OF = { command: 'CommandFunction', query: 'QueryFunction', docs: 'DocsFunction' };

const deployed = ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
  const [, integrationId = ''] = (Properties['Target'] as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
  const integration = properties(template, referenced(integrationId), 'AWS::ApiGatewayV2::Integration');
  return {
    route: Properties['RouteKey'],
    function: referenced(integration['IntegrationUri']),
    authorization: Properties['AuthorizationType'],
  };
});

test('the API has the routes of the contract, each to its function, and no catch-all', () => {
  const expected = gatewayRoutes().map(({ method, path, handler }) => ({
    route: `${method} ${path}`,
    function: FUNCTION_OF[handler],
    authorization: handler === 'docs' ? 'NONE' : 'JWT',
  }));
  expect(deployed.toSorted(byRoute)).toEqual(expected.toSorted(byRoute));
  expect(deployed.length).toBeGreaterThan(10);
});

test('only the description of the API and its page are open to everybody', () => {
  const open = deployed.filter(({ authorization }) => authorization !== 'JWT').map(({ route }) => String(route));
  expect(open.toSorted()).toEqual(['GET /docs', 'GET /docs/{file}', 'GET /openapi.json']);
});

test('functions get the event in format 2.0 and answer before the API gives up', () => {
  for (const [, { Properties }] of ofType(template, 'AWS::ApiGatewayV2::Integration')) {
    expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    const { Timeout } = properties(template, referenced(Properties['IntegrationUri']), 'AWS::Lambda::Function');
    expect(Number(Timeout) * 1000).toBeLessThan(Number(Properties['TimeoutInMillis']));
  }
});

test('tokens come from the pool, for its clients, in the Authorization header', () => {
  expect(theOne(template, 'AWS::ApiGatewayV2::Authorizer').properties).toMatchObject({
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: {
      Issuer: { 'Fn::GetAtt': ['UserPool', 'ProviderURL'] },
      Audience: [{ Ref: 'TwinClient' }, { Ref: 'OperatorClient' }],
    },
  });
});

test('the stage is throttled, and writes one JSON line a request, without bodies or tokens', () => {
  const stage = theOne(template, 'AWS::ApiGatewayV2::Stage').properties;
  expect(stage).toMatchObject({
    StageName: '$default',
    AutoDeploy: true,
    DefaultRouteSettings: { ThrottlingRateLimit: 10_000, ThrottlingBurstLimit: 5_000 },
  });
  const { Format, DestinationArn } = stage['AccessLogSettings'] as { Format: string; DestinationArn: unknown };
  expect(properties(template, referenced(DestinationArn), 'AWS::Logs::LogGroup')['RetentionInDays']).toBe(90);
  expect(Object.keys(JSON.parse(Format) as object)).toEqual(
    expect.arrayContaining(['requestId', 'route', 'status', 'subject']),
  );
  expect(Format).not.toMatch(/authorization|header|body/i);
});

test('the API may invoke its three functions, from this API only', () => {
  const allowed = ofType(template, 'AWS::Lambda::Permission')
    .filter(([, { Properties }]) => Properties['Principal'] === 'apigateway.amazonaws.com')
    .map(
      ([, { Properties }]) =>
        [referenced(Properties['FunctionName']), JSON.stringify(Properties['SourceArn'])] as const,
    );
  expect(allowed.map(([id]) => id).toSorted()).toEqual(Object.values(FUNCTION_OF).toSorted());
  for (const [, sourceArn] of allowed) expect(sourceArn).toContain('{"Ref":"HttpApi"}');
});

function byRoute(a: { route: unknown }, b: { route: unknown }): number {
  return String(a.route) < String(b.route) ? -1 : 1;
}
