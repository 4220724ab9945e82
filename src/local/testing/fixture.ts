import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource, Template } from '../template/assembly.ts';

/** A hand-made assembly for tests: the same files as `cdk synth` writes, with tiny functions. */
export interface Fixture {
  assemblyDir: string;
  /** A data directory that lives as long as the fixture. */
  dataDir: string;
  template: Template;
  /** Writes the template again after a test has changed it. */
  save(): void;
  remove(): void;
}

export interface FixtureFunction {
  /** Source of the handler's module. */
  code: string;
  environment?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  /** Statements of the function's own policy. */
  statements?: unknown[];
}

export function createFixture(options: {
  functions?: Record<string, FixtureFunction>;
  resources?: Record<string, Resource>;
  template?: Partial<Template>;
}): Fixture {
  const root = mkdtempSync(join(tmpdir(), 'turing-test-'));
  const assemblyDir = join(root, 'cdk.out');
  mkdirSync(assemblyDir);
  // A copy: tests change it.
  const template: Template = structuredClone({ Resources: { ...options.resources }, ...options.template });
  for (const [id, given] of Object.entries(options.functions ?? {})) {
    mkdirSync(join(assemblyDir, `asset.${id}`));
    writeFileSync(join(assemblyDir, `asset.${id}`, 'index.mjs'), given.code);
    Object.assign(template.Resources, structuredClone(functionResources(id, given)));
  }
  const fixture: Fixture = {
    assemblyDir,
    dataDir: join(root, 'data'),
    template,
    save: () => writeFileSync(join(assemblyDir, 'Test.template.json'), JSON.stringify(template)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  fixture.save();
  return fixture;
}

function functionResources(id: string, given: FixtureFunction): Record<string, Resource> {
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
        ...(given.statements === undefined
          ? {}
          : { Policies: [{ PolicyName: 'inline', PolicyDocument: { Statement: given.statements } }] }),
      },
    },
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: `${id}.zip` },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        Environment: { Variables: given.environment ?? {} },
        ...given.properties,
      },
    },
  };
}

/** A journal-like table whose changes go to a stream, as the application has it. */
export const journalResources: Record<string, Resource> = {
  Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } },
  Journal: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
        { AttributeName: 'registry', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'registry',
          KeySchema: [
            { AttributeName: 'registry', KeyType: 'HASH' },
            { AttributeName: 'pk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      KinesisStreamSpecification: { StreamArn: { 'Fn::GetAtt': ['Stream', 'Arn'] } },
    },
  },
};

/** The role of tenant sessions, as the application has it: own keys only, with the delimiter and the Null guard. */
export function tenantRole(trusted: string): Record<string, Resource> {
  return {
    TenantRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: ['sts:AssumeRole', 'sts:TagSession'],
              Principal: { AWS: { 'Fn::GetAtt': [trusted, 'Arn'] } },
              Condition: { StringLike: { 'aws:RequestTag/TenantID': '?*' } },
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'tenant',
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: [
                    'dynamodb:GetItem',
                    'dynamodb:BatchGetItem',
                    'dynamodb:Query',
                    'dynamodb:PutItem',
                    'dynamodb:ConditionCheckItem',
                  ],
                  Resource: { 'Fn::GetAtt': ['Journal', 'Arn'] },
                  Condition: {
                    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['${aws:PrincipalTag/TenantID}#*'] },
                    Null: { 'dynamodb:LeadingKeys': 'false' },
                  },
                },
              ],
            },
          },
        ],
      },
    },
  };
}
