import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { environmentOf, ofType, properties, referenced, statements, statementsOf, theOne } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const { template } = await synthesizeOnce();
const sandbox = (await synthesizeOnce({ context: { sandbox: true } })).template;

const DAYS_A_YEAR = 365;
const bucketOf = (from: typeof template) => properties(from, 'DigestBucket', 'AWS::S3::Bucket');

describe('the bucket of the digests', () => {
  test('holds each digest for seven years against everybody, the owner of the account included', () => {
    expect(bucketOf(template)).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE' } } },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    const { Rule } = bucketOf(template)['ObjectLockConfiguration'] as { Rule: { DefaultRetention: { Days: number } } };
    expect(Rule.DefaultRetention.Days).toBeGreaterThanOrEqual(7 * DAYS_A_YEAR);
    expect(template.Resources['DigestBucket']).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('of a sandbox lets go after a day, sooner for who has the right', () => {
    expect(bucketOf(sandbox)).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } },
    });
  });

  test('is encrypted, open to nobody, and reached by TLS only', () => {
    expect(bucketOf(template)).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const policy = theOne(template, 'AWS::S3::BucketPolicy').properties;
    expect(referenced(policy['Bucket'])).toBe('DigestBucket');
    expect(statements(policy['PolicyDocument'])[0]).toMatchObject({
      Effect: 'Deny',
      Action: ['s3:*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});

/** Judged as IAM would judge it: the bucket's policy beside roles that may do everything, in an offline simulator of IAM. */
describe('what is in the bucket', () => {
  const ACCOUNT = '111122223333';
  const BUCKET = 'arn:aws:s3:::digests';
  const DIGEST_ROLE = `arn:aws:iam::${ACCOUNT}:role/digest`;
  const ADMIN_ROLE = `arn:aws:iam::${ACCOUNT}:role/admin`;
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

  async function decide(from: typeof template, roleArn: string, action: string, secure = true): Promise<string> {
    const role = referenced(properties(from, 'DigestFunction', 'AWS::Lambda::Function')['Role']);
    const text = JSON.stringify(theOne(from, 'AWS::S3::BucketPolicy').properties['PolicyDocument'])
      .replaceAll(`{"Fn::GetAtt":["${role}","Arn"]}`, JSON.stringify(DIGEST_ROLE))
      .replaceAll('{"Fn::Join":["",[{"Fn::GetAtt":["DigestBucket","Arn"]},"/*"]]}', JSON.stringify(`${BUCKET}/*`))
      .replaceAll('{"Fn::GetAtt":["DigestBucket","Arn"]}', JSON.stringify(BUCKET));
    expect(text).not.toContain('Fn::');
    const result = await runSimulation(
      {
        request: {
          principal: roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/').concat('/session'),
          action,
          resource: { resource: `${BUCKET}/CU_A/digests/00000001.json`, accountId: ACCOUNT },
          contextVariables: { 'aws:PrincipalArn': roleArn, 'aws:SecureTransport': String(secure) },
        },
        identityPolicies: [{ name: 'everything', policy: everything }],
        resourcePolicy: JSON.parse(text) as unknown,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(`Cannot simulate ${action}: ${JSON.stringify(result.errors)}`);
    return result.overallResult;
  }

  test.each([
    ['the function', DIGEST_ROLE, 's3:PutObject', 'Allowed'],
    ['the function', DIGEST_ROLE, 's3:GetObject', 'Allowed'],
    ['the function', DIGEST_ROLE, 's3:DeleteObject', 'ExplicitlyDenied'],
    ['the function', DIGEST_ROLE, 's3:DeleteObjectVersion', 'ExplicitlyDenied'],
    ['an administrator', ADMIN_ROLE, 's3:PutObject', 'ExplicitlyDenied'],
    ['an administrator', ADMIN_ROLE, 's3:DeleteObject', 'ExplicitlyDenied'],
    ['an administrator', ADMIN_ROLE, 's3:DeleteObjectVersion', 'ExplicitlyDenied'],
    ['an administrator', ADMIN_ROLE, 's3:GetObject', 'Allowed'],
  ])('of %s (%s), who may do everything: %s is %s', async (_, role, action, expected) => {
    expect(await decide(template, role, action)).toBe(expected);
    expect(await decide(template, role, action, false)).toBe('ExplicitlyDenied');
  });

  test('of a sandbox is written by the function alone too, and can be deleted', async () => {
    expect(await decide(sandbox, ADMIN_ROLE, 's3:PutObject')).toBe('ExplicitlyDenied');
    expect(await decide(sandbox, DIGEST_ROLE, 's3:PutObject')).toBe('Allowed');
    expect(await decide(sandbox, ADMIN_ROLE, 's3:DeleteObject')).toBe('Allowed');
  });
});

test('the key signs on P-256, and stays when the stack goes: what it signed is to be checked for years', () => {
  expect(properties(template, 'DigestKey', 'AWS::KMS::Key')).toMatchObject({
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
  });
  expect(template.Resources['DigestKey']).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(properties(sandbox, 'DigestKey', 'AWS::KMS::Key')).toMatchObject({ PendingWindowInDays: 7 });
});

test('keys before the present one are told to the function, and none are where there were none', async () => {
  const { template: rotated } = await synthesizeOnce({ context: { formerDigestKeys: '0123456789abcdef' } });
  expect(environmentOf(rotated, 'DigestFunction')['FORMER_DIGEST_KEYS']).toBe('0123456789abcdef');
  expect(environmentOf(template, 'DigestFunction')).not.toHaveProperty('FORMER_DIGEST_KEYS');
});

test('one function signs, in one way, and no role can remove or change what is kept', () => {
  const signing = statementsOf(template, 'DigestFunction').filter(({ Action }) => Action.includes('kms:Sign'));
  expect(signing).toMatchObject([{ Condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' } } }]);
  const others = ofType(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
    statements(Properties['PolicyDocument']).flatMap(({ Action }) =>
      Action.filter((action) => /^(?:s3|kms):/.test(action)).map((action) => ({ action, roles: Properties['Roles'] })),
    ),
  );
  const role = referenced(properties(template, 'DigestFunction', 'AWS::Lambda::Function')['Role']);
  const actions = [
    'kms:GetPublicKey',
    'kms:Sign',
    's3:GetObject',
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:PutObject',
  ];
  expect(
    others
      .filter(({ roles }) => JSON.stringify(roles).includes(role))
      .map(({ action }) => action)
      .toSorted(),
  ).toEqual(actions);
  const elsewhere = others.filter(({ roles }) => !JSON.stringify(roles).includes(role)).map(({ action }) => action);
  expect(elsewhere.filter((action) => /^s3:|Sign$/.test(action))).toEqual([]);
});

test('the function sees all that the bucket holds, also of tenants that the journal does not know any more', () => {
  const listing = statementsOf(template, 'DigestFunction').filter(({ Action }) =>
    Action.includes('s3:ListBucketVersions'),
  );
  expect(listing).toHaveLength(1);
  expect(listing[0]).toMatchObject({ Effect: 'Allow', Resource: [{ 'Fn::GetAtt': ['DigestBucket', 'Arn'] }] });
  expect(listing[0]).not.toHaveProperty('Condition');
});

test('the function writes no rows of the views but the copies of digests', () => {
  const writing = statementsOf(template, 'DigestFunction').filter(({ Action }) =>
    Action.some((action) => /^dynamodb:(?!Get|BatchGet|Query)/.test(action)),
  );
  expect(writing).toMatchObject([
    {
      Action: ['dynamodb:PutItem'],
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#digest'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    },
  ]);
});

test('digests of all tenants are started every five minutes', () => {
  const rules = ofType(template, 'AWS::Events::Rule').map(([, { Properties }]) => Properties);
  const rule = rules.find(({ Targets }) => JSON.stringify(Targets).includes('DigestFunction'));
  expect(rule).toMatchObject({ ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED', Targets: [{ Input: '{}' }] });
});

test('what an auditor needs to find them is told', () => {
  expect(template.Outputs).toMatchObject({
    DigestBucketName: { Value: { Ref: 'DigestBucket' } },
    DigestFunctionName: { Value: { Ref: 'DigestFunction' } },
  });
});
