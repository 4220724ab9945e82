import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { properties, type Statement, statements, statementsOfRole } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

/**
 * The roles that stand between tenants, judged as IAM would judge them: the synthesized policies in an offline simulator
 * of IAM, for every role, table, action and tenant that matters.
 */
const ACCOUNT = '111122223333';
const TABLES = {
  JournalTable: tableArn('journal'),
  ViewsTable: tableArn('views'),
  SnapshotsTable: tableArn('snapshots'),
};
type TableId = keyof typeof TABLES;
const TABLE_IDS = ['JournalTable', 'ViewsTable', 'SnapshotsTable'] as const;

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const APPEND = ['dynamodb:PutItem', 'dynamodb:ConditionCheckItem'];
const NEVER = [
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLSelect',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

interface Grant {
  role: 'TenantWriterRole' | 'TenantReaderRole';
  table: TableId;
  action: string;
}
const GRANTS: Grant[] = [
  ...[...READ, ...APPEND].map((action) => ({ role: 'TenantWriterRole', table: 'JournalTable', action }) as const),
  { role: 'TenantWriterRole', table: 'SnapshotsTable', action: 'dynamodb:GetItem' },
  ...READ.flatMap((action) =>
    (['JournalTable', 'ViewsTable'] as const).map((table) => ({ role: 'TenantReaderRole', table, action }) as const),
  ),
];
const EVERYTHING: Grant[] = (['TenantWriterRole', 'TenantReaderRole'] as const).flatMap((role) =>
  TABLE_IDS.flatMap((table) => [...READ, ...APPEND, ...NEVER].map((action) => ({ role, table, action }))),
);
const isGranted = (one: Grant) =>
  GRANTS.some(({ role, table, action }) => role === one.role && table === one.table && action === one.action);

const { template } = await synthesizeOnce();

interface Request extends Grant {
  /** Tenant of the session. */
  tenant?: string;
  /** Partition keys of the request; none for a call without keys, such as Scan. */
  keys: string[];
  index?: string;
}

/** @param spoil changes the policy before it is judged: for tests of the test */
async function decide(
  { role, table, action, tenant, keys, index }: Request,
  spoil: (policyText: string) => string = (text) => text,
): Promise<string> {
  const simulation: Simulation = {
    request: {
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session`,
      action,
      resource: { resource: `${TABLES[table]}${index === undefined ? '' : `/index/${index}`}`, accountId: ACCOUNT },
      contextVariables: {
        ...(tenant === undefined ? {} : { 'aws:PrincipalTag/TenantID': tenant }),
        ...(keys.length === 0 ? {} : { 'dynamodb:LeadingKeys': keys }),
      },
    },
    identityPolicies: [{ name: role, policy: JSON.parse(spoil(policyOf(role))) as unknown }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  const result = await runSimulation(simulation, {});
  if (result.resultType === 'error') throw new Error(`Cannot simulate ${action}: ${JSON.stringify(result.errors)}`);
  return result.overallResult;
}

describe.each(GRANTS)('$role: $action on $table', (grant) => {
  test.each([
    ['the own tenant', ['CU_A#chain#07']],
    ['several items of the own tenant', ['CU_A#chain#07', 'CU_A#unique#email#00']],
  ])('is allowed for %s', async (_, keys) => {
    expect(await decide({ ...grant, tenant: 'CU_A', keys })).toBe('Allowed');
  });

  test.each([
    ['another tenant', ['CU_B#chain#07']],
    ['a tenant whose code begins with ours', ['CU_AB#chain#07']],
    ['a tenant whose code is the beginning of ours', ['CU#chain#07']],
    ['another tenant beside the own one', ['CU_A#chain#07', 'CU_B#chain#07']],
    ['the own code without its end', ['CU_A']],
    ['another spelling of the own code', ['cu_a#chain#07']],
    ['no keys', []],
  ])('is denied for %s', async (_, keys) => {
    expect(await decide({ ...grant, tenant: 'CU_A', keys })).toBe('ImplicitlyDenied');
  });

  test('is denied to a session without a tenant', async () => {
    expect(await decide({ ...grant, keys: ['CU_A#chain#07'] })).toBe('ImplicitlyDenied');
    expect(await decide({ ...grant, keys: ['#chain#07'] })).toBe('ImplicitlyDenied');
  });
});

test.each(EVERYTHING.filter((one) => !isGranted(one)))(
  '$role: $action on $table is denied even for the own tenant',
  async (one) => {
    expect(await decide({ ...one, tenant: 'CU_A', keys: ['CU_A#chain#07'] })).toBe('ImplicitlyDenied');
  },
);

test.each([
  ['TenantWriterRole', 'JournalTable'],
  ['TenantWriterRole', 'SnapshotsTable'],
  ['TenantReaderRole', 'JournalTable'],
  ['TenantReaderRole', 'ViewsTable'],
] as const)('%s cannot scan %s, with keys or without', async (role, table) => {
  for (const keys of [[], ['CU_A#chain#07']]) {
    expect(await decide({ role, table, action: 'dynamodb:Scan', tenant: 'CU_A', keys })).toBe('ImplicitlyDenied');
  }
});

test('no tenant can read the list of tenants', async () => {
  for (const keys of [['TENANT'], ['CU_A#chain#catalog'], []]) {
    const request = {
      role: 'TenantReaderRole',
      table: 'JournalTable',
      action: 'dynamodb:Query',
      tenant: 'CU_A',
    } as const;
    expect(await decide({ ...request, keys, index: 'registry' })).toBe('ImplicitlyDenied');
  }
});

describe('taking a role', () => {
  test.each([
    ['TenantWriterRole', 'CommandFunction'],
    ['TenantReaderRole', 'QueryFunction'],
  ] as const)('%s can be taken by the role of %s alone, with one tag, the tenant', (role, functionId) => {
    expect(trustOf(role)).toMatchObject([
      {
        Effect: 'Allow',
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Principal: { AWS: functionRole(functionId) },
        Condition: {
          StringLike: { 'aws:RequestTag/TenantID': '?*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['TenantID'] },
        },
      },
    ]);
  });

  const caller = `arn:aws:iam::${ACCOUNT}:role/command`;
  const assume = async (action: string, tags: Record<string, string>) => {
    const [trust] = trustOf('TenantWriterRole').map(({ Effect, Action, Condition }) => ({ Effect, Action, Condition }));
    const result = await runSimulation(
      {
        request: {
          principal: caller,
          action,
          resource: { resource: `arn:aws:iam::${ACCOUNT}:role/TenantWriterRole`, accountId: ACCOUNT },
          contextVariables: {
            ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
            ...(Object.keys(tags).length === 0 ? {} : { 'aws:TagKeys': Object.keys(tags) }),
          },
        },
        identityPolicies: [],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: { Version: '2012-10-17', Statement: [{ ...trust, Principal: { AWS: caller } }] },
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
    return result.overallResult;
  };

  test('works with the tag of a tenant', async () => {
    expect(await assume('sts:AssumeRole', { TenantID: 'CU_A' })).toBe('Allowed');
    expect(await assume('sts:TagSession', { TenantID: 'CU_A' })).toBe('Allowed');
  });

  test.each([
    ['no tag', {}],
    ['an empty tag', { TenantID: '' }],
    ['another tag', { Tenant: 'CU_A' }],
    ['a further tag', { TenantID: 'CU_A', Role: 'admin' }],
  ])('fails with %s', async (_, tags) => {
    expect(await assume('sts:AssumeRole', tags)).not.toBe('Allowed');
  });
});

describe('the test itself finds the two classic mistakes', () => {
  const grant = { role: 'TenantWriterRole', table: 'JournalTable', tenant: 'CU_A' } as const;

  test('a pattern without its delimiter lets a neighbour in', async () => {
    const request = { ...grant, action: 'dynamodb:Query', keys: ['CU_AB#chain#07'] };
    expect(await decide(request, (policy) => policy.replaceAll('}#*', '}*'))).toBe('Allowed');
  });

  test('a missing guard lets a call without keys in', async () => {
    const request = { ...grant, action: 'dynamodb:GetItem', keys: [] };
    expect(await decide(request, (policy) => policy.replace(/,"Null":\{[^}]*\}/g, ''))).toBe('Allowed');
  });
});

function trustOf(role: Grant['role']): Statement[] {
  return statements(properties(template, role, 'AWS::IAM::Role')['AssumeRolePolicyDocument']);
}

function functionRole(functionId: string): unknown {
  return properties(template, functionId, 'AWS::Lambda::Function')['Role'];
}

/** The policy that the template gives to a role, as text, with the tables' ARNs filled in. */
function policyOf(role: Grant['role']): string {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statementsOfRole(template, role) });
  return text.replace(/\{"Fn::GetAtt":\["(\w+)","Arn"\]\}/g, (_, id: TableId) => JSON.stringify(TABLES[id]));
}

function tableArn(name: string): string {
  return `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${name}`;
}
