import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Resource } from '../template/assembly.ts';
import { createFixture, type Fixture, type FixtureFunction, journalResources, tenantRole } from './fixture.ts';

const require = createRequire(import.meta.url);
const from = (name: string) => JSON.stringify(pathToFileURL(require.resolve(name)).href);

/** The application in small: an API function that writes under tenant credentials, a projection, identity, a state machine. */
export function createApiFixture(): Fixture {
  return createFixture({ functions, resources: { ...journalResources, ...tenantRole('ApiRole'), ...application } });
}

const toArn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const apiCode = `
import { DynamoDBClient, PutItemCommand, GetItemCommand } from ${from('@aws-sdk/client-dynamodb')};
import { fromTemporaryCredentials } from ${from('@aws-sdk/credential-providers')};
const { TABLE, ROLE } = process.env;
if (!TABLE) throw new Error('Set the environment variable TABLE: it is missing');
const clients = new Map();
const clientOf = (tenant) => {
  if (!clients.has(tenant)) clients.set(tenant, new DynamoDBClient({ maxAttempts: 2, credentials: fromTemporaryCredentials({ params: { RoleArn: ROLE, RoleSessionName: 't-' + tenant, Tags: [{ Key: 'TenantID', Value: tenant }] } }) }));
  return clients.get(tenant);
};
export const handler = async (event) => {
  const { tenant } = event.pathParameters ?? {};
  if (event.rawPath === '/echo') return event;
  if (event.rawPath === '/fail') throw new Error('secret detail');
  if (event.rawPath === '/slow') await new Promise((r) => setTimeout(r, 5000));
  if (event.rawPath === '/odd') return { statusCode: 'x' };
  const { pk, sk } = JSON.parse(event.body);
  try {
    await clientOf(tenant).send(new PutItemCommand({ TableName: TABLE, Item: { pk: { S: pk }, sk: { N: String(sk) } }, ConditionExpression: 'attribute_not_exists(pk)' }));
    const { Item } = await clientOf(tenant).send(new GetItemCommand({ TableName: TABLE, Key: { pk: { S: pk }, sk: { N: String(sk) } }, ConsistentRead: true }));
    console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'T', Dimensions: [['tenant']], Metrics: [{ Name: 'Written' }] }] }, tenant, Written: 1 }));
    return { statusCode: 202, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ Item, sub: event.requestContext.authorizer.jwt.claims.sub }) };
  } catch (error) {
    return { statusCode: 409, body: error.name };
  }
};`;

const functions: Record<string, FixtureFunction> = {
  Api: {
    code: apiCode,
    environment: { TABLE: { Ref: 'Journal' }, ROLE: toArn('TenantRole') },
    properties: { Timeout: 10 },
  },
  Projection: {
    code: `
export const handler = async (event) => {
  for (const { kinesis } of event.Records) {
    const { dynamodb } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString());
    console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'T', Dimensions: [[]], Metrics: [{ Name: 'Projected' }] }] }, Projected: 1, pk: dynamodb.Keys.pk.S }));
  }
};`,
  },
  Worker: {
    code: `
import { SecretsManagerClient, GetSecretValueCommand } from ${from('@aws-sdk/client-secrets-manager')};
const secrets = new SecretsManagerClient({ maxAttempts: 1 });
const failures = new Map();
export const handler = async (event) => {
  if (event.secret) return { secret: (await secrets.send(new GetSecretValueCommand({ SecretId: process.env.SECRET_ARN }))).SecretString, tokenUrl: process.env.TOKEN_URL, apiUrl: process.env.API_URL };
  if (event.failTimes > (failures.get(event.run) ?? 0)) {
    failures.set(event.run, (failures.get(event.run) ?? 0) + 1);
    throw Object.assign(new Error('try again'), { name: 'Flaky' });
  }
  return { doubled: (event.item ?? 0) * 2, day: event.day ?? null };
};`,
    environment: {
      SECRET_ARN: { Ref: 'Secret' },
      API_URL: { 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] },
      TOKEN_URL: { 'Fn::Sub': 'https://${Domain}.auth.${AWS::Region}.amazoncognito.com/oauth2/token' },
    },
    statements: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: { Ref: 'Secret' } }],
  },
};

const route = (routeKey: string, more: Record<string, unknown> = {}): Resource => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: { Ref: 'HttpApi' },
    RouteKey: routeKey,
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    ...more,
  },
});
const jwt = { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Authorizer' } };

/** Two days of a state machine with what the scenarios use: a loop, a Map with a limit, Retry, Catch, intrinsics. */
const definition = {
  StartAt: 'Init',
  States: {
    Init: {
      Type: 'Pass',
      Parameters: {
        day: 0,
        'days.$': '$.days',
        'items.$': 'States.ArrayRange(1, $.count, 1)',
        'run.$': '$$.Execution.Name',
        'failTimes.$': '$.failTimes',
      },
      Next: 'More',
    },
    More: {
      Type: 'Choice',
      Choices: [{ Variable: '$.day', NumericLessThanPath: '$.days', Next: 'Each' }],
      Default: 'Done',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 2,
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'day.$': '$.day', 'run.$': '$.run', 'failTimes.$': '$.failTimes' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Work',
        States: {
          Work: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { FunctionName: '${WorkerArn}', 'Payload.$': '$' },
            ResultSelector: { 'doubled.$': '$.Payload.doubled' },
            Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, MaxAttempts: 1, BackoffRate: 1 }],
            End: true,
          },
        },
      },
      ResultPath: '$.results',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Failed' }],
      Next: 'Count',
    },
    Count: {
      Type: 'Pass',
      Parameters: {
        'day.$': 'States.MathAdd($.day, 1)',
        'days.$': '$.days',
        'items.$': '$.items',
        'run.$': '$.run',
        'results.$': '$.results',
        'failTimes.$': '$.failTimes',
      },
      Next: 'More',
    },
    Done: { Type: 'Succeed' },
    Failed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
  },
};

const application: Record<string, Resource> = {
  HttpApi: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: {
      Name: 'api',
      ProtocolType: 'HTTP',
      CorsConfiguration: {
        AllowOrigins: ['https://console.test'],
        AllowMethods: ['POST'],
        AllowHeaders: ['authorization'],
        MaxAge: 60,
      },
    },
  },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'HttpApi' },
      IntegrationUri: toArn('Api'),
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: 1_000,
    },
  },
  Authorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: [{ Ref: 'Client' }], Issuer: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] } },
    },
  },
  Put: route('POST /tenants/{tenant}/items', jwt),
  Scoped: route('GET /scoped', { ...jwt, AuthorizationScopes: ['rights/queries'] }),
  Echo: route('ANY /echo'),
  Fail: route('GET /fail'),
  Slow: route('GET /slow'),
  Odd: route('GET /odd'),
  Pool: { Type: 'AWS::Cognito::UserPool' },
  Domain: { Type: 'AWS::Cognito::UserPoolDomain', Properties: { Domain: 'test', UserPoolId: { Ref: 'Pool' } } },
  Client: {
    Type: 'AWS::Cognito::UserPoolClient',
    Properties: {
      ClientName: 'TWIN',
      UserPoolId: { Ref: 'Pool' },
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['tenants/CU_A', 'rights/queries'],
      AccessTokenValidity: 30,
      TokenValidityUnits: { AccessToken: 'minutes' },
    },
  },
  Secret: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { SecretString: { 'Fn::GetAtt': ['Client', 'ClientSecret'] } },
  },
  DeadLetters: { Type: 'AWS::SQS::Queue' },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'Projection' },
      EventSourceArn: toArn('Stream'),
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      DestinationConfig: { OnFailure: { Destination: toArn('DeadLetters') } },
    },
  },
  MachineRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Statement: [] },
      Policies: [
        {
          PolicyName: 'p',
          PolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: toArn('Worker') }],
          },
        },
      ],
    },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Metadata: { 'aws:cdk:path': 'Test/Twin/SteadyState/Resource' },
    Properties: {
      RoleArn: toArn('MachineRole'),
      DefinitionString: JSON.stringify(definition),
      DefinitionSubstitutions: { WorkerArn: toArn('Worker') },
    },
  },
  Schedule: {
    Type: 'AWS::Events::Rule',
    Properties: { ScheduleExpression: 'rate(1 hour)', Targets: [{ Id: 'T', Arn: toArn('Worker') }] },
  },
};
