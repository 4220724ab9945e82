import { describe, expect, it } from 'vitest';
import type { CliError } from '../cli-error.ts';
import { type Ended, executeIn, outputOf } from './execution.ts';

function errorOf(ended: Ended): CliError {
  try {
    outputOf('Audit', ended);
  } catch (error) {
    return error as CliError; // the one thing that it throws
  }
  throw new Error('Expected an execution that did not succeed to throw');
}

const cause = JSON.stringify({ errorType: 'ThatError', errorMessage: 'Cannot do that', trace: [] });

describe('an execution', () => {
  it('that succeeded gives its output', () => {
    expect(outputOf('Audit', { status: 'SUCCEEDED', output: { tenants: [] } })).toEqual({ tenants: [] });
  });

  it.each([
    [{ status: 'FAILED', error: 'ThatError', cause }, 'Cannot do that'],
    [
      { status: 'FAILED', error: 'Sandbox.Timedout', cause: '{"errorMessage":"Task timed out after 900.00 seconds"}' },
      'The state machine Audit failed: Sandbox.Timedout: Task timed out after 900.00 seconds',
    ],
    [
      { status: 'FAILED', error: 'States.DataLimitExceeded', cause: 'The payload is too large' },
      'The state machine Audit failed: States.DataLimitExceeded: The payload is too large',
    ],
    [{ status: 'FAILED', error: 'ThatError' }, 'The state machine Audit failed: ThatError'],
    [{ status: 'FAILED' }, 'The state machine Audit failed: FAILED'],
    [{ status: 'TIMED_OUT' }, 'The state machine Audit did not come to its end in time'],
    [{ status: 'ABORTED' }, 'The state machine Audit was stopped before its end'],
  ] satisfies [Ended, string][])('that ended as %j is told so: exit code 1', (ended, message) => {
    const error = errorOf(ended);
    expect(error).toMatchObject({ name: 'CliError', exitCode: 1, message });
    if (message !== 'Cannot do that') expect(error.fix).toMatch(/^Nothing is proved/);
  });

  it('is not waited for after a stop: exit code 2', async () => {
    const stop = new AbortController();
    const cloud = { startExecution: async () => ({ executionArn: 'arn', done: new Promise<never>(() => undefined) }) };
    const output = executeIn(cloud, { machineId: 'Audit', input: {}, stop: stop.signal });
    stop.abort();
    await expect(output).rejects.toMatchObject({ message: 'Cancelled', exitCode: 2 });
  });
});
