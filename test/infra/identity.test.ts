import { expect, test } from 'vitest';
import { RIGHTS } from '../../src/contract/rights.ts';
import { environmentOf, ofType, permissions, properties, statementsOf, theOne } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const { template } = await synthesizeOnce({ context: { tenants: 'CU_DIGITAL,CU_COAST' } });

const TENANT_SCOPES = ['tenants/CU_DIGITAL', 'tenants/CU_COAST'];

test('a scope stands for each tenant of the deployment and for each right of the contract', () => {
  const scopes = ofType(template, 'AWS::Cognito::UserPoolResourceServer').flatMap(([, { Properties }]) =>
    (Properties['Scopes'] as { ScopeName: string }[]).map(
      ({ ScopeName }) => `${String(Properties['Identifier'])}/${ScopeName}`,
    ),
  );
  expect(scopes).toEqual([...TENANT_SCOPES, ...RIGHTS.map((right) => `rights/${right}`)]);
});

test.each(['TwinClient', 'OperatorClient'])(
  '%s is a machine: client credentials, a secret, tokens of an hour',
  (id) => {
    expect(properties(template, id, 'AWS::Cognito::UserPoolClient')).toMatchObject({
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthFlowsUserPoolClient: true,
      GenerateSecret: true,
      AccessTokenValidity: 60,
      TokenValidityUnits: { AccessToken: 'minutes' },
    });
  },
);

test('the twin has every right but compliance; an operator can post nothing', () => {
  const twinRights = RIGHTS.filter((right) => right !== 'compliance').map((right) => `rights/${right}`);
  expect(scopesOf('TwinClient')).toEqual([...TENANT_SCOPES, ...twinRights]);
  expect(scopesOf('OperatorClient')).toEqual([...TENANT_SCOPES, 'rights/queries', 'rights/compliance']);
});

test('no person can sign up', () => {
  expect(properties(template, 'UserPool', 'AWS::Cognito::UserPool')).toMatchObject({
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    DeletionProtection: 'ACTIVE',
    UserPoolTier: 'LITE',
  });
});

test('the twin knows the way in, its own client and where the secret lies, and may read that secret alone', () => {
  const { id: secretId, properties: secret } = theOne(template, 'AWS::SecretsManager::Secret');
  expect(secret).toMatchObject({ SecretString: { 'Fn::GetAtt': ['TwinClient', 'ClientSecret'] } });

  const environment = environmentOf(template, 'TwinFunction');
  expect(environment).toMatchObject({
    API_URL: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] }, '/v1']] },
    CLIENT_ID: { Ref: 'TwinClient' },
    CLIENT_SECRET_ARN: { Ref: secretId },
    SCOPES: scopesOf('TwinClient').join(' '),
  });
  expect(environment['TOKEN_URL']).toEqual(template.Outputs['TokenUrl']?.Value);
  expect(JSON.stringify(environment['TOKEN_URL'])).toMatch(/amazoncognito\.com\/oauth2\/token/);
  const beyondLogs = permissions(statementsOf(template, 'TwinFunction')).filter(
    (line) => !/^(?:logs|xray):/.test(line),
  );
  expect(beyondLogs).toEqual([`secretsmanager:GetSecretValue on ${secretId}`]);
});

test('the twin is told of no table, no stream and no role', () => {
  expect(JSON.stringify(environmentOf(template, 'TwinFunction'))).not.toMatch(/Table|Stream|Role/);
});

function scopesOf(clientId: string): string[] {
  const { AllowedOAuthScopes } = properties(template, clientId, 'AWS::Cognito::UserPoolClient');
  return AllowedOAuthScopes as string[];
}
