import * as z from 'zod';
import type { Cloud } from '../../local/index.ts';
import { CliError } from '../cli-error.ts';
import { unlessStopped } from '../stop-signal.ts';

/** How an execution of a state machine ended. */
export interface Ended {
  status: string;
  output?: unknown;
  error?: string | undefined;
  cause?: string | undefined;
}

const functionError = z.object({ errorMessage: z.string() });
/** Errors that are not the function's own: of its environment, of Lambda, of Step Functions. */
const OF_THE_PLATFORM = /^(?:Sandbox|Runtime|Lambda|States)\./;

const FIX = 'Nothing is proved either way. Try again; the log of the cloud says more (docs/operating/runbook.md).';

/**
 * @returns the output of an execution that succeeded
 * @throws CliError that says how it ended otherwise
 */
export function outputOf(machineId: string, { status, output, error = '', cause = '' }: Ended): unknown {
  if (status === 'SUCCEEDED') return output;
  if (status === 'TIMED_OUT')
    throw new CliError(`The state machine ${machineId} did not come to its end in time`, { fix: FIX });
  if (status === 'ABORTED')
    throw new CliError(`The state machine ${machineId} was stopped before its end`, { fix: FIX });
  const reason = reasonOf(cause);
  if (error !== '' && !OF_THE_PLATFORM.test(error) && reason !== undefined) throw new CliError(reason);
  const why = [error, reason ?? cause].filter((part) => part !== '').join(': ');
  throw new CliError(`The state machine ${machineId} failed: ${why === '' ? status : why}`, { fix: FIX });
}

/** @returns what the function said, where it was one that failed: the cause is then JSON that holds its message, as in AWS */
export function reasonOf(cause: string): string | undefined {
  try {
    return functionError.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return undefined;
  }
}

/**
 * Has a cloud of this process run a state machine, and waits for its end.
 * @returns its output
 * @throws CliError unless it succeeded, or when asked to stop
 */
export async function executeIn(
  cloud: Pick<Cloud, 'startExecution'>,
  { machineId, input, stop }: { machineId: string; input: unknown; stop: AbortSignal },
): Promise<unknown> {
  const { done } = await cloud.startExecution(machineId, input);
  return outputOf(machineId, await unlessStopped(done, stop));
}
