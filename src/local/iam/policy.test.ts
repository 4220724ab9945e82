import { describe, expect, it } from 'vitest';
import { type AccessRequest, isAllowed, parsePolicy } from './policy.ts';

const table = 'arn:aws:dynamodb:ap-southeast-2:0:table/Journal';
const tenantPolicy = parsePolicy(
  {
    Statement: {
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:Query'],
      Resource: table,
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['${aws:PrincipalTag/TenantID}#*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    },
  },
  'test',
);

function request(overrides: {
  action?: string;
  resource?: string;
  keys?: string[] | undefined;
  tenant?: string | undefined;
}): AccessRequest {
  const tenant = 'tenant' in overrides ? overrides.tenant : 'CU_A';
  return {
    action: overrides.action ?? 'dynamodb:GetItem',
    resource: overrides.resource ?? table,
    context: {
      'dynamodb:LeadingKeys': 'keys' in overrides ? overrides.keys : ['CU_A#chain#01'],
      'aws:PrincipalTag/TenantID': tenant === undefined ? undefined : [tenant],
    },
  };
}

describe('a tenant policy', () => {
  it.each([
    ['its own key', {}, true],
    ['several own keys', { keys: ['CU_A#a', 'CU_A#b'] }, true],
    ['another tenant’s key', { keys: ['CU_B#chain#01'] }, false],
    ['a prefix neighbour’s key', { keys: ['CU_AB#chain#01'] }, false],
    ['own and foreign keys together', { keys: ['CU_A#a', 'CU_B#b'] }, false],
    ['no key at all', { keys: undefined }, false],
    ['an action that is not listed', { action: 'dynamodb:DeleteItem' }, false],
    ['another table', { resource: `${table}2` }, false],
    ['an index of the table', { resource: `${table}/index/registry` }, false],
    ['a session without a tenant', { tenant: undefined }, false],
    ['a tenant tag that is a wildcard', { tenant: '*', keys: ['CU_B#a'] }, false],
    ['an empty tenant tag', { tenant: '', keys: ['CU_B#a'] }, false],
  ])('%s: %j → %s', (_name, overrides, expected) => {
    expect(isAllowed(tenantPolicy, request(overrides))).toBe(expected);
  });
});

describe('policies', () => {
  it('deny wins over allow, and wildcards match actions and resources', () => {
    const statements = parsePolicy(
      {
        Statement: [
          { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' },
          { Effect: 'Deny', Action: 'dynamodb:Delete*', Resource: `${table}*` },
        ],
      },
      'test',
    );
    expect(isAllowed(statements, request({ action: 'dynamodb:Scan' }))).toBe(true);
    expect(isAllowed(statements, request({ action: 'dynamodb:DeleteItem' }))).toBe(false);
    expect(isAllowed(statements, request({ action: 'kinesis:PutRecord' }))).toBe(false);
  });

  it('compares the end of every key, whatever it begins with', () => {
    const Condition = {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#digest'] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    };
    const put = { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*', Condition };
    const statements = parsePolicy({ Statement: [put] }, 'test');
    const allows = (keys: string[] | undefined) => isAllowed(statements, request({ action: 'dynamodb:PutItem', keys }));
    expect([['CU_A#digest'], ['CU_A#digest', 'CU_B#digest']].map(allows)).toEqual([true, true]);
    const others = [['CU_A#digests'], ['CU_A#account#1'], ['CU_A#digest', 'CU_A#cursor'], ['digest'], [], undefined];
    expect(others.map(allows)).toEqual(others.map(() => false));
  });

  it('without a Null guard ForAllValues lets a keyless call through, as IAM does', () => {
    const unguarded = parsePolicy(
      {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'dynamodb:Scan',
            Resource: '*',
            Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'CU_A#*' } },
          },
        ],
      },
      'test',
    );
    expect(isAllowed(unguarded, request({ action: 'dynamodb:Scan', keys: undefined }))).toBe(true);
  });

  it.each([[{ NumericLessThan: { a: 1 } }], [{ IpAddress: { a: '1' } }]])('refuses the condition %j', (Condition) => {
    expect(() =>
      parsePolicy({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition }] }, 'Policy1'),
    ).toThrow(/Policy1.*condition operator/);
  });

  it('refuses NotAction', () => {
    expect(() => parsePolicy({ Statement: [{ Effect: 'Allow', NotAction: '*', Resource: '*' }] }, 'Policy1')).toThrow(
      /NotAction/,
    );
  });
});
