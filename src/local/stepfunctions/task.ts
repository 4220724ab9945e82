import type { Functions } from '../functions/functions.ts';
import type { TaskState } from './definition.ts';

/** Step Functions' limit on what goes into and out of a state. */
const payloadLimitBytes = 262_144;

/** Performs a Lambda task, given as the function's ARN or as `lambda:invoke`. Faults get the names that Retry and Catch match. */
export async function runTask(options: { task: TaskState; input: unknown; functions: Functions }): Promise<unknown> {
  const { task, input, functions } = options;
  const byInvoke = task.Resource.startsWith('arn:aws:states:::');
  const { FunctionName, Payload } = byInvoke
    ? (input as { FunctionName: string; Payload?: unknown })
    : { FunctionName: task.Resource, Payload: input };
  limit(Payload);
  const result = await functions.byNameOrArn(FunctionName).invoke(Payload ?? {});
  if (!result.ok) throw named(result.error.errorType, JSON.stringify(result.error));
  limit(result.value);
  return byInvoke ? { ExecutedVersion: '$LATEST', Payload: result.value, StatusCode: 200 } : result.value;
}

function limit(value: unknown): void {
  if (value === undefined || Buffer.byteLength(JSON.stringify(value)) <= payloadLimitBytes) return;
  throw named('States.DataLimitExceeded', `The state's payload is larger than ${payloadLimitBytes} bytes`);
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
