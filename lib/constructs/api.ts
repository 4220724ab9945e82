import { Duration, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { API_PREFIX, gatewayRoutes } from '../../src/contract/routes.ts';
import type { LedgerFunction } from './ledger-function.ts';
import { LedgerLog } from './ledger-log.ts';
import { setLogicalId } from './logical-id.ts';

export interface ApiProps {
  handlers: Record<'command' | 'query' | 'docs', LedgerFunction>;
  /** Issuer of the tokens, and the clients it may issue them to. */
  issuer: string;
  clientIds: string[];
  sandbox: boolean;
}

/** As much as API Gateway gives one account and Region; lower it to protect other APIs of the same account. */
const THROTTLE = { rateLimit: 10_000, burstLimit: 5_000 };
/** API Gateway gives up at 30 s; the functions answer 503 well before. */
const INTEGRATION_TIMEOUT = Duration.seconds(29);

/** One line of JSON a request. No header and no body: they may hold tokens and members' data. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  path: '$context.path',
  subject: '$context.authorizer.claims.sub',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  authorizerError: '$context.authorizer.error',
  error: '$context.integrationErrorMessage',
};

/** The HTTP API: the contract's route table, each route to the function that serves it. */
export class Api extends Construct {
  readonly httpApi: HttpApi;

  constructor(scope: Construct, id: string, { handlers, issuer, clientIds, sandbox }: ApiProps) {
    super(scope, id);
    this.httpApi = new HttpApi(this, 'HttpApi', { description: 'TuringCore ledger', createDefaultStage: false });
    setLogicalId(this.httpApi, 'HttpApi');

    const authorizer = new HttpJwtAuthorizer('Jwt', issuer, { jwtAudience: clientIds });
    const integrations = {
      command: integrate('Command', handlers.command),
      query: integrate('Query', handlers.query),
      docs: integrate('Docs', handlers.docs),
    };
    for (const { method, path, handler } of gatewayRoutes()) {
      const open = handler === 'docs';
      const added = this.httpApi.addRoutes({
        path,
        methods: [HttpMethod[method]],
        integration: integrations[handler],
        ...(open ? {} : { authorizer }),
      });
      for (const route of open ? added : []) {
        Validations.of(route).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason:
            'The API description and its reference page are public: they hold no data and say nothing of any tenant.',
        });
      }
    }

    const accessLog = new LedgerLog(this, 'AccessLog', { sandbox });
    new HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  /** Without a slash at its end: `https://….amazonaws.com`. */
  get endpoint(): string {
    return this.httpApi.apiEndpoint;
  }

  /** Where the contract's paths begin. */
  get url(): string {
    return `${this.endpoint}${API_PREFIX}`;
  }
}

function integrate(id: string, handler: LedgerFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(id, handler, {
    timeout: INTEGRATION_TIMEOUT,
    // One permission a function, for any route of this API: a dozen routes would else be a dozen statements in its policy.
    scopePermissionToRoute: false,
  });
}
