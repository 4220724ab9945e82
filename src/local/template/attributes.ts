import type { Template } from './assembly.ts';
import type { Surroundings } from './stack.ts';

export interface Attributes {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  /** Pairs of the address that AWS would give and the local one. */
  addresses(): [remote: string, local: string][];
}

interface Options {
  template: Template;
  surroundings: Surroundings;
  physicalName(logicalId: string): string;
  /** A resolved property of a resource that is text. */
  text(logicalId: string, name: string): string | undefined;
}

/** What `Ref` and `Fn::GetAtt` answer for each resource type, after the AWS CloudFormation reference. */
export function createAttributes({ template, surroundings, physicalName, text }: Options): Attributes {
  const { region, accountId, apiUrl, awsUrl } = surroundings;
  const arnOf = (service: string, path: string) => `arn:aws:${service}:${region}:${accountId}:${path}`;
  const type = (logicalId: string) => template.Resources[logicalId]?.Type ?? '';

  function arn(logicalId: string): string | undefined {
    const name = physicalName(logicalId);
    switch (type(logicalId)) {
      case 'AWS::DynamoDB::Table':
      case 'AWS::DynamoDB::GlobalTable':
        return arnOf('dynamodb', `table/${name}`);
      case 'AWS::Kinesis::Stream':
        return arnOf('kinesis', `stream/${streamName(logicalId)}`);
      case 'AWS::Lambda::Function':
        return arnOf('lambda', `function:${name}`);
      case 'AWS::IAM::Role':
        return `arn:aws:iam::${accountId}:role/${name}`;
      case 'AWS::SQS::Queue':
        return arnOf('sqs', name);
      case 'AWS::SNS::Topic':
        return arnOf('sns', name);
      case 'AWS::Logs::LogGroup':
        return arnOf('logs', `log-group:${name}:*`);
      case 'AWS::StepFunctions::StateMachine':
        return arnOf('states', `stateMachine:${name}`);
      case 'AWS::SecretsManager::Secret':
        return arnOf('secretsmanager', `secret:${text(logicalId, 'Name') ?? name}-local`);
      case 'AWS::Cognito::UserPool':
        return arnOf('cognito-idp', `userpool/${poolId(logicalId)}`);
      case 'AWS::KMS::Key':
        return arnOf('kms', `key/${name}`);
      case 'AWS::Events::Rule':
        return arnOf('events', `rule/${name}`);
      case 'AWS::CloudWatch::Alarm':
        return arnOf('cloudwatch', `alarm:${name}`);
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${name.toLowerCase()}`;
      default:
        return undefined;
    }
  }

  function streamName(logicalId: string): string {
    return text(logicalId, 'Name') ?? physicalName(logicalId);
  }

  function poolId(logicalId: string): string {
    return `${region}_${logicalId.slice(-9)}`;
  }

  function clientId(logicalId: string): string {
    // A readable id: tokens for this client have it as their subject.
    return text(logicalId, 'ClientName') ?? logicalId;
  }

  function ref(logicalId: string): unknown {
    switch (type(logicalId)) {
      case 'AWS::Kinesis::Stream':
        return streamName(logicalId);
      case 'AWS::StepFunctions::StateMachine':
      case 'AWS::SecretsManager::Secret':
      case 'AWS::SNS::Topic':
        return arn(logicalId);
      case 'AWS::SQS::Queue':
        return `${awsUrl}/${accountId}/${physicalName(logicalId)}`;
      case 'AWS::Cognito::UserPool':
        return poolId(logicalId);
      case 'AWS::Cognito::UserPoolClient':
        return clientId(logicalId);
      case 'AWS::Cognito::UserPoolDomain':
        return text(logicalId, 'Domain');
      case 'AWS::Cognito::UserPoolResourceServer':
        return text(logicalId, 'Identifier');
      case 'AWS::Lambda::Version':
        return `${functionArn(text(logicalId, 'FunctionName'))}:1`;
      case 'AWS::Lambda::Alias':
        return `${functionArn(text(logicalId, 'FunctionName'))}:${text(logicalId, 'Name') ?? ''}`;
      case 'AWS::ApiGatewayV2::Stage':
        return text(logicalId, 'StageName');
      case 'AWS::S3::Bucket':
        return physicalName(logicalId).toLowerCase();
      default:
        return physicalName(logicalId);
    }
  }

  function attribute(logicalId: string, name: string): unknown {
    if (name === 'Arn' || name === 'TopicArn' || name === 'StateMachineArn') return arn(logicalId);
    if (/^(Name|TableName|QueueName|TopicName|DashboardName)$/.test(name)) return ref(logicalId);
    const definition = template.Resources[logicalId];
    switch (`${definition?.Type ?? ''} ${name}`) {
      case 'AWS::Cognito::UserPool ProviderName':
        return `cognito-idp.${region}.amazonaws.com/${poolId(logicalId)}`;
      case 'AWS::Cognito::UserPool ProviderURL':
        return `https://cognito-idp.${region}.amazonaws.com/${poolId(logicalId)}`;
      case 'AWS::Cognito::UserPool UserPoolId':
        return poolId(logicalId);
      case 'AWS::Cognito::UserPoolClient ClientId':
        return clientId(logicalId);
      case 'AWS::Cognito::UserPoolClient ClientSecret':
        return surroundings.generatedSecret(logicalId);
      case 'AWS::ApiGatewayV2::Api ApiEndpoint':
        return apiUrl;
      case 'AWS::ApiGatewayV2::Api ApiId':
        return physicalName(logicalId);
      case 'AWS::SQS::Queue QueueUrl':
        return ref(logicalId);
      case 'AWS::SecretsManager::Secret Id':
        return arn(logicalId);
      case 'AWS::Lambda::Version Version':
        return '1';
      case 'AWS::Lambda::Version FunctionArn':
      case 'AWS::Lambda::Alias FunctionArn':
        return functionArn(text(logicalId, 'FunctionName'));
      case 'AWS::IAM::Role RoleId':
      case 'AWS::KMS::Key KeyId':
        return physicalName(logicalId);
      case 'Custom::DescribeCognitoUserPoolClient UserPoolClient.ClientSecret':
        return surroundings.generatedSecret(describedClient(logicalId));
      default:
        return undefined;
    }
  }

  /** The CDK reads a client's secret by a custom resource; its call names the client. */
  function describedClient(logicalId: string): string {
    const call = text(logicalId, 'Create') ?? '';
    const client = Object.keys(template.Resources).find(
      (id) => type(id) === 'AWS::Cognito::UserPoolClient' && call.includes(JSON.stringify(clientId(id))),
    );
    if (client === undefined)
      throw new Error(`Cannot resolve ${logicalId}: its call names no user pool client of this template`);
    return client;
  }

  function functionArn(nameOrArn = ''): string {
    return nameOrArn.startsWith('arn:') ? nameOrArn : arnOf('lambda', `function:${nameOrArn}`);
  }

  function addresses(): [string, string][] {
    const pairs: [string, string][] = [];
    for (const logicalId of Object.keys(template.Resources)) {
      if (type(logicalId) === 'AWS::ApiGatewayV2::Api') {
        pairs.push([`https://${physicalName(logicalId)}.execute-api.${region}.amazonaws.com`, apiUrl]);
      } else if (type(logicalId) === 'AWS::Cognito::UserPoolDomain') {
        pairs.push([`https://${text(logicalId, 'Domain') ?? ''}.auth.${region}.amazoncognito.com`, awsUrl]);
      }
    }
    return pairs;
  }

  return { ref, attribute, addresses };
}
