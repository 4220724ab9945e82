import { describe, expect, it } from 'vitest';
import type { Template } from './assembly.ts';
import { createResolver } from './intrinsics.ts';

const template: Template = {
  Parameters: { Size: { Type: 'String', Default: 'big' }, Bare: { Type: 'String' } },
  Mappings: { Sizes: { big: { count: 9 } } },
  Conditions: {
    IsBig: { 'Fn::Equals': [{ Ref: 'Size' }, 'big'] },
    IsSmall: { 'Fn::Not': [{ Condition: 'IsBig' }] },
    Either: {
      'Fn::Or': [{ Condition: 'IsSmall' }, { 'Fn::And': [{ Condition: 'IsBig' }, { 'Fn::Equals': [1, '1'] }] }],
    },
  },
  Resources: { Table: { Type: 'AWS::DynamoDB::Table' } },
};
const { resolve, condition } = createResolver(template, {
  ref: (id) => `ref-${id}`,
  attribute: (id, name) => (name === 'Arn' ? `arn:${id}` : undefined),
  pseudo: { 'AWS::Region': 'ap-southeast-2', 'AWS::AccountId': '1' },
});

describe('intrinsic functions', () => {
  it.each([
    ['Ref to a resource', { Ref: 'Table' }, 'ref-Table'],
    ['Ref to a parameter', { Ref: 'Size' }, 'big'],
    ['Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'ap-southeast-2'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:Table'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, 'arn:Table'],
    ['Join over references', { 'Fn::Join': ['/', ['a', { Ref: 'Table' }, 3]] }, 'a/ref-Table/3'],
    [
      'Sub with references, attributes and literals',
      { 'Fn::Sub': '${Table}-${Table.Arn}-${AWS::AccountId}-${!Kept}' },
      'ref-Table-arn:Table-1-${Kept}',
    ],
    ['Sub with its own variables', { 'Fn::Sub': ['${x}', { x: { Ref: 'Size' } }] }, 'big'],
    ['Select of a Split', { 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Table', 'Arn'] }] }] }, 'Table'],
    ['If', { 'Fn::If': ['IsBig', 'yes', { Ref: 'Nothing' }] }, 'yes'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'count'] }, 9],
    ['Base64', { 'Fn::Base64': 'a' }, 'YQ=='],
    ['nested values', { a: [{ Ref: 'Size' }], b: 1 }, { a: ['big'], b: 1 }],
    ['AWS::NoValue removes a property', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ])('resolves %s', (_name, value, expected) => {
    expect(resolve(value, 'here')).toEqual(expected);
  });

  it('evaluates conditions', () => {
    expect([condition('IsBig', ''), condition('IsSmall', ''), condition('Either', '')]).toEqual([true, false, true]);
  });

  it.each([
    [
      'an undefined resource',
      { Ref: 'Nothing' },
      /Cannot resolve Fn \(AWS::Lambda::Function\).*Ref to "Nothing", which the template does not define/,
    ],
    ['an attribute of an undefined resource', { 'Fn::GetAtt': ['Nothing', 'Arn'] }, /does not define "Nothing"/],
    ['an unknown attribute', { 'Fn::GetAtt': ['Table', 'Colour'] }, /AWS::DynamoDB::Table has no such attribute/],
    ['an unknown function', { 'Fn::ImportValue': 'x' }, /does not know Fn::ImportValue/],
    ['a parameter without default', { Ref: 'Bare' }, /parameter "Bare" has no default/],
    ['an undefined condition', { 'Fn::If': ['No', 1, 2] }, /condition "No" is not defined/],
    ['a join of objects', { 'Fn::Join': ['', [{ a: 1, b: 2 }]] }, /needs a string/],
  ])('refuses %s by name', (_name, value, message) => {
    expect(() => resolve(value, 'Fn (AWS::Lambda::Function), property Environment')).toThrow(message);
  });

  it('names the place of a nested fault', () => {
    expect(() => resolve({ Variables: { TABLE: { Ref: 'Nothing' } } }, 'Fn, property Environment')).toThrow(
      'Fn, property Environment.Variables.TABLE',
    );
  });
});
