import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const read = (context: Record<string, unknown>) => readSettings(new App({ context }).node);

test('without context a deployment is a real one, with one tenant', () => {
  expect(read({})).toEqual({ sandbox: false, tenants: ['CU_DIGITAL'], formerDigestKeys: [] });
});

test.each([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
])('sandbox %j is %s', (value, expected) => {
  expect(read({ sandbox: value }).sandbox).toBe(expected);
});

test.each(['yes', 1, ''])('sandbox %j is refused: a deployment that keeps or drops data is not guessed', (value) => {
  expect(() => read({ sandbox: value })).toThrow('Set context "sandbox" to true or false');
});

test.each([
  ['CU_A,CU_B', ['CU_A', 'CU_B']],
  [['CU_A'], ['CU_A']],
])('tenants %j', (value, expected) => {
  expect(read({ tenants: value }).tenants).toEqual(expected);
});

test.each(['', 'cu_a', 'CU_A,', 'CU_A CU_B', 7, ['CU_A', 7], []])('tenants %j are refused', (value) => {
  expect(() => read({ tenants: value })).toThrow('Set context "tenants" to tenant codes');
});

test('more tenants than a token can carry are refused', () => {
  const tenants = Array.from({ length: 41 }, (_, number) => `CU_${number}`);
  expect(() => read({ tenants })).toThrow('Set at most 40 tenants');
});

test('keys that signed digests before are told by their ids', () => {
  const ids = ['0123456789abcdef', 'fedcba9876543210'];
  expect(read({ formerDigestKeys: ids.join(',') }).formerDigestKeys).toEqual(ids);
  for (const wrong of ['', '0123456789ABCDEF', `${ids[0]},`, ids[0]?.slice(1), 7])
    expect(() => read({ formerDigestKeys: wrong })).toThrow('Set context "formerDigestKeys" to ids of 16 hex digits');
});

test('alarms go to a topic when one is given', () => {
  expect(read({ alarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:on-call' }).alarmTopicArn).toContain(':sns:');
});
