import validate from 'asl-validator';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { functionIds, ofType, permissions, properties, referenced, statementsOfRole } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const ROOT = join(import.meta.dirname, '../..');
const PLACEHOLDER = /\$\{(\w+)\}/g;

const { template } = await synthesizeOnce();
const machines = ofType(template, 'AWS::StepFunctions::StateMachine').map(([id, { Properties }]) => ({
  id,
  properties: Properties,
  definition: String(Properties['DefinitionString']),
  substitutions: Properties['DefinitionSubstitutions'] as Record<string, unknown>,
}));

test('every state machine of the repository is deployed as it stands', () => {
  const files = globSync('stepfunctions/*/*.asl.json', { cwd: ROOT });
  const texts = files.map((file) => readFileSync(join(ROOT, file), 'utf8'));
  expect(files.length).toBeGreaterThan(0);
  expect(machines.map(({ definition }) => definition).toSorted()).toEqual(texts.toSorted());
});

describe.each(machines)(
  '$id',
  ({ id, properties: { RoleArn, LoggingConfiguration, TracingConfiguration }, definition, substitutions }) => {
    test('is valid Amazon States Language, with JSONPath', () => {
      const parsed = JSON.parse(
        definition.replaceAll(PLACEHOLDER, 'arn:aws:lambda:us-east-1:111122223333:function:$1'),
      ) as object;
      const { errors, isValid } = validate(parsed);
      expect(errors).toEqual([]);
      expect(isValid).toBe(true);
      expect(definition).not.toMatch(/JSONata/);
    });

    test('a broken one would be found', () => {
      const broken = JSON.parse(definition) as { StartAt: string };
      expect(validate({ ...broken, StartAt: 'Nowhere' }).isValid).toBe(false);
    });

    test('every placeholder names a function that exists, and each is used', () => {
      const placeholders = new Set([...definition.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
      expect(Object.keys(substitutions).toSorted()).toEqual([...placeholders].toSorted());
      for (const value of Object.values(substitutions)) expect(functionIds(template)).toContain(referenced(value));
    });

    test('may start its functions and write its log, and no more', () => {
      const roleId = referenced(RoleArn);
      const lines = permissions(statementsOfRole(template, roleId)).filter(
        (line) => !/^(?:logs|xray):\w+ on \*$/.test(line),
      );
      expect(lines).toEqual(
        Object.values(substitutions).map((value) => `lambda:InvokeFunction on ${referenced(value)}`),
      );
      const trust = JSON.stringify(properties(template, roleId, 'AWS::IAM::Role')['AssumeRolePolicyDocument']);
      expect(trust).toContain('states.amazonaws.com');
    });

    test('is logged and traced, without the data that pass through it', () => {
      expect(LoggingConfiguration).toMatchObject({ Level: 'ALL' });
      expect(LoggingConfiguration).not.toHaveProperty('IncludeExecutionData', true);
      expect(TracingConfiguration).toEqual({ Enabled: true });
    });

    test('is named by an output of its own', () => {
      expect(Object.values(template.Outputs).map(({ Value }) => Value)).toContainEqual({ Ref: id });
    });
  },
);

test.each([
  ['StateMachineArn', 'SteadyState'],
  ['AuditStateMachineArn', 'Audit'],
])('output %s is the machine %s', (output, id) => {
  expect(template.Outputs[output]?.Value).toEqual({ Ref: id });
});
