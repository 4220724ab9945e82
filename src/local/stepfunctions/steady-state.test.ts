import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../index.ts';
import { createFixture, type Fixture } from '../testing/fixture.ts';

/**
 * How the scenario ends: its own definition, with functions that answer as they are told. What they really do at the end of a month
 * is the demo's test; how they fail there, no ledger that works would show.
 */
let fixture: Fixture;
let cloud: Cloud;

const definition = new URL('../../../stepfunctions/steady-state/steady-state.asl.json', import.meta.url);

const twin = `
export async function handler({ activity, config, day }) {
  if (activity === 'bootstrap')
    return { config, seeding: { from: 0, done: false }, today: { day: 0, done: false }, shares: [0] };
  if (activity === 'seedMembers') return { from: 10, done: true };
  if (activity === 'endOfDay') return { day: day + 1, done: true };
  if (activity !== 'complete') return { commands: 0 };
  if (config.complete === 'works') return { tenantId: config.tenantId, members: 10 };
  throw Object.assign(new Error('told to'), { name: config.complete });
}`;

const digest = `
export async function handler({ tenantId }) {
  if (tenantId === 'CU_DEAD') process.exit(3);
  const signed = { outcome: 'made', number: 1, key: 'k', sha256: 's', faults: [] };
  const refused = { outcome: 'refused', number: null, key: null, sha256: null, faults: [{ chain: '03', seq: 7 }] };
  return { digests: [tenantId === 'CU_REFUSED' ? refused : signed] };
}`;

beforeAll(async () => {
  const role = (principal: string) => ({
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: principal } }],
    },
  });
  const invoke = { Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }] };
  fixture = createFixture({
    functions: { Twin: { code: twin }, Digest: { code: digest } },
    resources: {
      MachineRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          ...role('states.amazonaws.com'),
          Policies: [{ PolicyName: 'invoke', PolicyDocument: invoke }],
        },
      },
      SteadyState: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
          DefinitionString: readFileSync(definition, 'utf8'),
          DefinitionSubstitutions: {
            TwinFunctionArn: { 'Fn::GetAtt': ['Twin', 'Arn'] },
            DigestFunctionArn: { 'Fn::GetAtt': ['Digest', 'Arn'] },
          },
        },
      },
    },
  });
  cloud = await startCloud({ assemblyDir: fixture.assemblyDir });
});
afterAll(async () => {
  await cloud.stop();
  fixture.remove();
});

const run = async (config: { complete: string; tenantId: string }) =>
  (await cloud.startExecution('SteadyState', { workers: 1, ...config })).done;

it('its output is the summary, with the digest beside', async () => {
  expect(await run({ complete: 'works', tenantId: 'CU_GOOD' })).toEqual({
    status: 'SUCCEEDED',
    output: {
      tenantId: 'CU_GOOD',
      members: 10,
      digest: { outcome: 'made', number: 1, key: 'k', sha256: 's', faults: [] },
    },
  });
});

it.each([
  ['the books disagree', 'BooksDisagree', 'CU_GOOD', 'BooksDisagree', /told to/],
  ['the summary cannot be made', 'RangeError', 'CU_GOOD', 'RangeError', /told to/],
  ['the journal does not verify', 'works', 'CU_REFUSED', 'DigestRefused', /^\[\{"chain":"03","seq":7\}\]$/],
  ['the digest function dies', 'works', 'CU_DEAD', 'Runtime.ExitError', /Runtime exited/],
])('where %s, that is what it fails of', async (_what, complete, tenantId, error, cause) => {
  expect(await run({ complete, tenantId })).toEqual({
    status: 'FAILED',
    error,
    cause: expect.stringMatching(cause) as unknown,
  });
});
