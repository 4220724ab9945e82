import { expect, test } from 'vitest';
import { ofType, properties } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const { template } = await synthesizeOnce();
const sandbox = (await synthesizeOnce({ context: { sandbox: true } })).template;

const TABLES = ['JournalTable', 'ViewsTable'];

test('there are three tables, keyed as the journal, the views and the snapshots need', () => {
  expect(ofType(template, 'AWS::DynamoDB::Table').map(([id]) => id)).toEqual([...TABLES, 'SnapshotsTable']);
  const keys = [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ];
  const journal = properties(template, 'JournalTable', 'AWS::DynamoDB::Table');
  const views = properties(template, 'ViewsTable', 'AWS::DynamoDB::Table');
  expect(journal).toMatchObject({ KeySchema: keys });
  expect(journal['AttributeDefinitions']).toContainEqual({ AttributeName: 'sk', AttributeType: 'N' });
  expect(views).toMatchObject({ KeySchema: keys });
  expect(views['AttributeDefinitions']).toContainEqual({ AttributeName: 'sk', AttributeType: 'S' });
  const snapshots = properties(template, 'SnapshotsTable', 'AWS::DynamoDB::Table');
  expect(snapshots).toMatchObject({ KeySchema: keys });
  expect(snapshots['AttributeDefinitions']).toContainEqual({ AttributeName: 'sk', AttributeType: 'S' });
});

test('the index of tenants is sparse and holds keys only', () => {
  expect(properties(template, 'JournalTable', 'AWS::DynamoDB::Table')['GlobalSecondaryIndexes']).toEqual([
    {
      IndexName: 'registry',
      KeySchema: [
        { AttributeName: 'registry', KeyType: 'HASH' },
        { AttributeName: 'pk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ]);
});

test.each(TABLES)('%s costs nothing idle, can be restored to any second, and outlives the stack', (id) => {
  expect(properties(template, id, 'AWS::DynamoDB::Table')).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    DeletionProtectionEnabled: true,
  });
  expect(template.Resources[id]).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
});

test('snapshots cost nothing idle, and go with the stack: they are a cache', () => {
  const snapshots = properties(template, 'SnapshotsTable', 'AWS::DynamoDB::Table');
  expect(snapshots).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
  expect(snapshots).not.toHaveProperty('PointInTimeRecoverySpecification');
  expect(snapshots).not.toHaveProperty('DeletionProtectionEnabled');
  expect(template.Resources['SnapshotsTable']).toMatchObject({
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
  });
});

test('the journal, and nothing else, feeds the stream', () => {
  const journal = properties(template, 'JournalTable', 'AWS::DynamoDB::Table');
  expect(journal['KinesisStreamSpecification']).toMatchObject({
    StreamArn: { 'Fn::GetAtt': ['JournalStream', 'Arn'] },
  });
  for (const id of ['ViewsTable', 'SnapshotsTable'])
    expect(properties(template, id, 'AWS::DynamoDB::Table')).not.toHaveProperty('KinesisStreamSpecification');
  expect(ofType(template, 'AWS::Kinesis::Stream')).toHaveLength(1);
  expect(properties(template, 'JournalStream', 'AWS::Kinesis::Stream')).toMatchObject({
    ShardCount: 1,
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    StreamEncryption: { EncryptionType: 'KMS' },
  });
});

test('nothing has a fixed name that a second stack would collide with', () => {
  for (const id of [...TABLES, 'SnapshotsTable'])
    expect(properties(template, id, 'AWS::DynamoDB::Table')).not.toHaveProperty('TableName');
  expect(properties(template, 'JournalStream', 'AWS::Kinesis::Stream')).not.toHaveProperty('Name');
  for (const [, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
    expect(Properties).not.toHaveProperty('FunctionName');
  }
});

test('a sandbox leaves nothing behind', () => {
  for (const id of TABLES) {
    expect(properties(sandbox, id, 'AWS::DynamoDB::Table')['DeletionProtectionEnabled']).toBe(false);
  }
  expect(properties(sandbox, 'UserPool', 'AWS::Cognito::UserPool')['DeletionProtection']).toBe('INACTIVE');
  const kept = Object.entries(sandbox.Resources).filter(
    ([, { DeletionPolicy, UpdateReplacePolicy }]) => DeletionPolicy === 'Retain' || UpdateReplacePolicy === 'Retain',
  );
  expect(kept.map(([id]) => id)).toEqual([]);
});

test('a sandbox has the same resources as a real deployment', () => {
  const shape = ({ Resources }: typeof template) => Object.entries(Resources).map(([id, { Type }]) => `${id} ${Type}`);
  expect(shape(sandbox)).toEqual(shape(template));
});
