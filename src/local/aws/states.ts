import { type Execution, ExecutionExistsError, type StateMachines } from '../stepfunctions/machines.ts';
import { refuse } from './access.ts';
import { json, operationOf } from './endpoint.ts';
import type { SignedService } from './signed.ts';

/** Step Functions: StartExecution and DescribeExecution. */
export function createStates(machines: StateMachines): SignedService {
  return (request) => {
    const operation = operationOf(request, 'AWSStepFunctions');
    if (operation === 'StartExecution') {
      const { stateMachineArn, name, input } = JSON.parse(request.body) as {
        stateMachineArn: string;
        name?: string;
        input?: string;
      };
      const refusal = refuse(request.caller, 'states:StartExecution', stateMachineArn);
      if (refusal !== undefined) return refusal;
      if (!machines.has(stateMachineArn)) {
        return json(400, {
          __type: 'StateMachineDoesNotExist',
          message: `State Machine Does Not Exist: '${stateMachineArn}'`,
        });
      }
      let execution: Execution;
      try {
        execution = machines.start({
          machineArn: stateMachineArn,
          input: JSON.parse(input ?? '{}') as unknown,
          ...(name === undefined ? {} : { name }),
        });
      } catch (error) {
        if (!(error instanceof ExecutionExistsError)) throw error;
        return json(400, { __type: error.name, message: error.message });
      }
      return json(200, { executionArn: execution.executionArn, startDate: execution.startedAtMs / 1_000 });
    }
    if (operation === 'DescribeExecution') {
      const { executionArn } = JSON.parse(request.body) as { executionArn: string };
      const refusal = refuse(request.caller, 'states:DescribeExecution', executionArn);
      if (refusal !== undefined) return refusal;
      const execution = machines.describe(executionArn);
      if (execution === undefined)
        return json(400, { __type: 'ExecutionDoesNotExist', message: `Execution Does Not Exist: '${executionArn}'` });
      return json(200, execution);
    }
    return undefined;
  };
}
