import { Duration, RemovalPolicy, SecretValue, Stack, Validations } from 'aws-cdk-lib';
import {
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';
import { type Right, RIGHT_SCOPE_PREFIX, RIGHTS, TENANT_SCOPE_PREFIX } from '../../src/contract/rights.ts';

export interface IdentityProps {
  tenants: readonly string[];
  sandbox: boolean;
}

/** What the twin does: everything a credit union's own systems do, and opening the tenant before it. */
const TWIN_RIGHTS = RIGHTS.filter((right) => right !== 'compliance');
/** An operator looks at everything and posts nothing. */
const OPERATOR_RIGHTS = ['queries', 'compliance'] as const satisfies readonly Right[];

/**
 * Who may call the API: a Cognito pool that holds no people, only machine clients. A client's token carries its tenants
 * and rights as scopes (`tenants/CU_DIGITAL rights/queries`), so no trigger and no paid feature plan is needed.
 */
export class Identity extends Construct {
  readonly userPool: UserPool;
  readonly twinClient: UserPoolClient;
  readonly operatorClient: UserPoolClient;
  /** Holds the twin's client secret, as plain text. */
  readonly twinSecret: Secret;
  /** Scopes that the twin asks for, space separated. */
  readonly twinScopes: string;
  /** OAuth 2.0 token endpoint. */
  readonly tokenUrl: string;

  constructor(scope: Construct, id: string, { tenants, sandbox }: IdentityProps) {
    super(scope, id);
    const removalPolicy = sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    this.userPool = new UserPool(this, 'UserPool', {
      featurePlan: FeaturePlan.LITE,
      selfSignUpEnabled: false,
      mfa: Mfa.OFF,
      passwordPolicy: {
        minLength: 16,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
      },
      deletionProtection: !sandbox,
      removalPolicy,
    });
    setLogicalId(this.userPool, 'UserPool');
    Validations.of(this.userPool).acknowledge(
      { id: 'AwsSolutions-COG2', reason: 'No person signs in here: the pool only issues tokens to machine clients.' },
      { id: 'AwsSolutions-COG8', reason: 'What the plus plan adds protects sign-ins of people; the pool has none.' },
    );

    const servers = [
      this.userPool.addResourceServer('Tenants', {
        identifier: withoutSlash(TENANT_SCOPE_PREFIX),
        scopes: tenants.map((code) => new ResourceServerScope({ scopeName: code, scopeDescription: `Tenant ${code}` })),
      }),
      this.userPool.addResourceServer('Rights', {
        identifier: withoutSlash(RIGHT_SCOPE_PREFIX),
        scopes: RIGHTS.map(
          (right) => new ResourceServerScope({ scopeName: right, scopeDescription: `Right ${right}` }),
        ),
      }),
    ];
    const addClient = (clientId: string, userPoolClientName: string, scopes: string[]) => {
      const client = this.userPool.addClient(clientId, {
        userPoolClientName,
        generateSecret: true,
        authFlows: {},
        oAuth: { flows: { clientCredentials: true }, scopes: scopes.map((name) => OAuthScope.custom(name)) },
        accessTokenValidity: Duration.hours(1),
        enableTokenRevocation: true,
      });
      // Scopes are named by text, which CloudFormation does not see as a reference.
      client.node.addDependency(...servers);
      return client;
    };
    const twinScopes = scopesOf(tenants, TWIN_RIGHTS);
    this.twinClient = addClient('TwinClient', 'TWIN_ORCHESTRATOR', twinScopes);
    this.twinScopes = twinScopes.join(' ');
    this.operatorClient = addClient('OperatorClient', 'OPERATOR', scopesOf(tenants, OPERATOR_RIGHTS));
    setLogicalId(this.operatorClient, 'OperatorClient');

    // The prefix must be unique among all pools of the Region, whoever owns them.
    const prefix = `${Stack.of(this).stackName.toLowerCase()}-${Stack.of(this).account}`;
    this.tokenUrl = `${this.userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: prefix } }).baseUrl()}/oauth2/token`;

    // Read from the client in the template itself: CDK's own property for it is a custom resource, with a function behind.
    const clientSecret = setLogicalId(this.twinClient, 'TwinClient').getAtt('ClientSecret').toString();
    this.twinSecret = new Secret(this, 'TwinSecret', {
      description: "The twin's OAuth 2.0 client secret",
      secretStringValue: SecretValue.resourceAttribute(clientSecret),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.twinSecret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Cognito makes the client secret; it is renewed by replacing the client, which updates this copy.',
    });
  }
}

function scopesOf(tenants: readonly string[], rights: readonly Right[]): string[] {
  return [
    ...tenants.map((code) => `${TENANT_SCOPE_PREFIX}${code}`),
    ...rights.map((right) => `${RIGHT_SCOPE_PREFIX}${right}`),
  ];
}

function withoutSlash(prefix: string): string {
  return prefix.replace(/\/$/, '');
}
