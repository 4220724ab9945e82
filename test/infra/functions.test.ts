import { describe, expect, test } from 'vitest';
import {
  environmentOf,
  functionIds,
  ofType,
  permissions,
  properties,
  referenced,
  statements,
  statementsOf,
} from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const { template } = await synthesizeOnce();
const sandbox = (await synthesizeOnce({ context: { sandbox: true } })).template;

const FUNCTIONS = [
  'CommandFunction',
  'QueryFunction',
  'DocsFunction',
  'ProjectionFunction',
  'SweepFunction',
  'AuditFunction',
  'DigestFunction',
  'TwinFunction',
];
const READ_VIEWS = ['BatchGetItem', 'GetItem', 'Query'].map((action) => `dynamodb:${action} on ViewsTable`);
const READ_JOURNAL = ['BatchGetItem', 'GetItem', 'Query'].map((action) => `dynamodb:${action} on JournalTable`);
const WRITE_VIEWS = ['BatchWriteItem', 'PutItem'].map((action) => `dynamodb:${action} on ViewsTable`);
const REBUILD_VIEWS = ['DeleteItem', 'Scan'].map((action) => `dynamodb:${action} on ViewsTable`);
const KEEP_SNAPSHOTS = ['BatchWriteItem', 'GetItem', 'PutItem'].map((action) => `dynamodb:${action} on SnapshotsTable`);
const QUERY_AND_SCAN = ['JournalTable', 'ViewsTable'].flatMap((table) => [
  `dynamodb:Query on ${table}`,
  `dynamodb:Scan on ${table}`,
]);
const DIGEST_OBJECTS = ['DigestBucket/*/digests/*', 'DigestBucket/keys/*'];
const LIST_TENANTS = 'dynamodb:Query on JournalTable/index/registry';

test('there are these functions and no others, such as those behind custom resources', () => {
  expect(functionIds(template).toSorted()).toEqual(FUNCTIONS.toSorted());
});

describe.each(FUNCTIONS)('%s', (id) => {
  test('runs on the newest Node and on arm64, with time, memory and tracing of its own', () => {
    const { Runtime, Architectures, Timeout, MemorySize, TracingConfig } = properties(
      template,
      id,
      'AWS::Lambda::Function',
    );
    expect({ Runtime, Architectures, TracingConfig }).toEqual({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
    expect(Timeout).toBeGreaterThan(3);
    expect(MemorySize).toBeGreaterThan(128);
  });

  test('logs into a group of its own that forgets', () => {
    const logGroupOf = (from: typeof template) => {
      const { LogGroup } = properties(from, id, 'AWS::Lambda::Function')['LoggingConfig'] as { LogGroup: unknown };
      return properties(from, referenced(LogGroup), 'AWS::Logs::LogGroup');
    };
    expect(logGroupOf(template)['RetentionInDays']).toBe(90);
    expect(logGroupOf(sandbox)['RetentionInDays']).toBe(7);
  });

  test('names itself in its logs and metrics', () => {
    expect(environmentOf(template, id)).toMatchObject({
      POWERTOOLS_SERVICE_NAME: id.replace('Function', '').toLowerCase(),
      POWERTOOLS_METRICS_NAMESPACE: 'TuringCore',
    });
  });

  test('may do nothing on everything but send traces', () => {
    const everywhere = statementsOf(template, id).filter(({ Resource }) =>
      Resource.some((at) => String(at).includes('*')),
    );
    expect(everywhere.flatMap(({ Action }) => Action)).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
    const wildcards = statementsOf(template, id).flatMap(({ Action }) =>
      Action.filter((action) => action.includes('*')),
    );
    expect(wildcards).toEqual([]);
  });
});

const JOURNAL = { JOURNAL_TABLE: { Ref: 'JournalTable' } };
const BOTH_TABLES = { ...JOURNAL, VIEWS_TABLE: { Ref: 'ViewsTable' } };
const SNAPSHOTS = { SNAPSHOTS_TABLE: { Ref: 'SnapshotsTable' } };
const tenantRole = (id: string) => ({ TENANT_ROLE_ARN: { 'Fn::GetAtt': [id, 'Arn'] } });

test.each([
  ['CommandFunction', { ...JOURNAL, ...SNAPSHOTS, ...tenantRole('TenantWriterRole') }],
  ['QueryFunction', { ...BOTH_TABLES, ...tenantRole('TenantReaderRole') }],
  ['DocsFunction', {}],
  ['ProjectionFunction', BOTH_TABLES],
  ['SweepFunction', { ...BOTH_TABLES, ...SNAPSHOTS, STREAM_NAME: { Ref: 'JournalStream' } }],
  ['AuditFunction', BOTH_TABLES],
  [
    'DigestFunction',
    { ...BOTH_TABLES, DIGEST_BUCKET: { Ref: 'DigestBucket' }, DIGEST_KEY: { 'Fn::GetAtt': ['DigestKey', 'Arn'] } },
  ],
])('%s is told where its data are, and no more', (id, expected) => {
  const { NODE_OPTIONS, POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE, ...rest } = environmentOf(template, id);
  expect(NODE_OPTIONS).toBe('--enable-source-maps');
  expect([POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE]).not.toContain(undefined);
  expect(rest).toEqual(expected);
});

test.each([
  ['CommandFunction', ['sts:AssumeRole on TenantWriterRole', 'sts:TagSession on TenantWriterRole']],
  ['QueryFunction', ['sts:AssumeRole on TenantReaderRole', 'sts:TagSession on TenantReaderRole']],
  ['DocsFunction', []],
  [
    'SweepFunction',
    [
      ...READ_JOURNAL,
      LIST_TENANTS,
      ...READ_VIEWS,
      ...WRITE_VIEWS,
      ...REBUILD_VIEWS,
      ...KEEP_SNAPSHOTS,
      'kinesis:PutRecords on JournalStream',
    ],
  ],
  ['AuditFunction', [...QUERY_AND_SCAN, LIST_TENANTS]],
  [
    'DigestFunction',
    [
      ...['GetItem', 'Query'].map((action) => `dynamodb:${action} on JournalTable`),
      LIST_TENANTS,
      ...['BatchGetItem', 'PutItem'].map((action) => `dynamodb:${action} on ViewsTable`),
      ...DIGEST_OBJECTS.flatMap((objects) => [`s3:GetObject on ${objects}`, `s3:PutObject on ${objects}`]),
      's3:ListBucket on DigestBucket',
      's3:ListBucketVersions on DigestBucket',
      'kms:GetPublicKey on DigestKey',
      'kms:Sign on DigestKey',
    ],
  ],
])('beside its log and traces %s may do this and no more', (id, expected) => {
  expect(permissionsOnData(id)).toEqual(expected.toSorted());
});

test('the projection reads the stream and the journal, writes the views, and gives records up to the dead letters', () => {
  const allowed = permissionsOnData('ProjectionFunction');
  expect(allowed.filter((line) => line.includes('Table'))).toEqual(
    [...READ_JOURNAL, ...READ_VIEWS, ...WRITE_VIEWS].toSorted(),
  );
  expect(allowed).toContain('kinesis:GetRecords on JournalStream');
  expect(allowed).toContain('sqs:SendMessage on ProjectionDeadLetters');
  expect(allowed.filter((line) => line.startsWith('kinesis:Put'))).toEqual([]);
});

test('no role but that of a tenant can write the journal, and none can change or delete what is in it', () => {
  expect(writersOf('JournalTable')).toEqual([
    { line: 'dynamodb:PutItem on JournalTable', roles: [{ Ref: 'TenantWriterRole' }] },
  ]);
});

test('no role but that of the sweep can write snapshots, with which decisions begin', () => {
  const roles = [referenced(properties(template, 'SweepFunction', 'AWS::Lambda::Function')['Role'])];
  expect(
    writersOf('SnapshotsTable').map(({ line, roles: of }) => ({ line, roles: (of as unknown[]).map(referenced) })),
  ).toEqual(['BatchWriteItem', 'PutItem'].map((action) => ({ line: `dynamodb:${action} on SnapshotsTable`, roles })));
});

/** What can do more to a table than to read it. */
function writersOf(table: string): { line: string; roles: unknown }[] {
  return ofType(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
    permissions(statements(Properties['PolicyDocument']))
      .filter(
        (line) =>
          line.includes(table) && !/^dynamodb:(?:BatchGetItem|GetItem|Query|Scan|ConditionCheckItem) /.test(line),
      )
      .map((line) => ({ line, roles: Properties['Roles'] })),
  );
}

function permissionsOnData(id: string): string[] {
  return permissions(statementsOf(template, id)).filter((line) => !/^(?:logs|xray):/.test(line));
}
