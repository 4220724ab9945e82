import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../index.ts';
import { createFixture, type Fixture } from '../testing/fixture.ts';

let fixture: Fixture;
let cloud: Cloud;

const machine = (definition: unknown) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
    DefinitionString: JSON.stringify(definition),
    DefinitionSubstitutions: { CrashArn: { 'Fn::GetAtt': ['Crash', 'Arn'] } },
  },
});

beforeAll(async () => {
  fixture = createFixture({
    functions: { Crash: { code: 'export const handler = () => process.exit(3);' } },
    resources: {
      MachineRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } }],
          },
          Policies: [
            {
              PolicyName: 'invoke',
              PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }] },
            },
          ],
        },
      },
      Late: machine({ TimeoutSeconds: 1, StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 60, End: true } } }),
      Slow: machine({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 60, End: true } } }),
      Quick: machine({ StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } } }),
      Crashing: machine({
        StartAt: 'Crash',
        States: { Crash: { Type: 'Task', Resource: '${CrashArn}', End: true } },
      }),
    },
  });
  cloud = await startCloud({ assemblyDir: fixture.assemblyDir });
});
afterAll(async () => {
  await cloud.stop();
  fixture.remove();
});

it('an execution that takes longer than its machine may is TIMED_OUT', async () => {
  const { done } = await cloud.startExecution('Late', {});
  expect(await done).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
});

it('an execution whose function ends its process has failed by that', async () => {
  const { done } = await cloud.startExecution('Crashing', {});
  expect(await done).toMatchObject({
    status: 'FAILED',
    error: 'Runtime.ExitError',
    cause: expect.stringContaining('Runtime exited') as unknown,
  });
});

it('an execution that runs when the local cloud stops is ABORTED', async () => {
  const other = await startCloud({ assemblyDir: fixture.assemblyDir });
  const { done } = await other.startExecution('Slow', {});
  await other.stop();
  expect(await done).toMatchObject({ status: 'ABORTED' });
});

it('a name is taken: the same input is told of the one that runs, another input or one that has ended is refused', async () => {
  const other = await startCloud({ assemblyDir: fixture.assemblyDir });
  const call = async (operation: string, body: object) => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261121/ap-southeast-2/states/aws4_request';
    const headers = { authorization, 'x-amz-target': `AWSStepFunctions.${operation}` };
    const answer = await fetch(other.endpoints.aws, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const start = (machineId: string, input: string) =>
    call('StartExecution', {
      stateMachineArn: `arn:aws:states:ap-southeast-2:000000000000:stateMachine:Test-${machineId}`,
      name: 'daily',
      input,
    });
  const taken = { status: 400, body: { __type: 'ExecutionAlreadyExists', message: expect.stringMatching(/:daily'$/) } };
  const first = await start('Slow', '{"day":1}');
  expect(first).toMatchObject({ status: 200, body: { executionArn: expect.stringMatching(/Test-Slow:daily$/) } });
  expect(await start('Slow', '{ "day": 1 }')).toEqual(first);
  expect(await start('Slow', '{"day":2}')).toEqual(taken);
  const { executionArn } = first.body;
  expect((await call('DescribeExecution', { executionArn })).body).toMatchObject({
    status: 'RUNNING',
    input: '{"day":1}',
  });
  const quick = (await start('Quick', '{}')).body;
  await expect.poll(async () => (await call('DescribeExecution', quick)).body['status']).toBe('SUCCEEDED');
  expect(await start('Quick', '{}')).toEqual(taken);
  await other.stop();
});

it('an execution that runs is remembered however many end meanwhile', async () => {
  const other = await startCloud({ assemblyDir: fixture.assemblyDir });
  const { done } = await other.startExecution('Slow', {});
  for (let round = 0; round < 11; round += 1) {
    const quick = await Promise.all(Array.from({ length: 100 }, () => other.startExecution('Quick', {})));
    for (const each of quick) expect(await each.done).toMatchObject({ status: 'SUCCEEDED' });
  }
  await other.stop();
  expect(await Promise.race([done, Promise.resolve('still running')])).toMatchObject({ status: 'ABORTED' });
});
