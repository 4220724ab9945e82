import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StateMachine } from 'aws-local-stepfunctions';
import type { Functions } from '../functions/functions.ts';
import { isAllowed } from '../iam/policy.ts';
import { type Principals, requestContext } from '../iam/principals.ts';
import type { Stack, StackResource } from '../template/stack.ts';
import { type Definition, eachState, prepareDefinition, type TaskState } from './definition.ts';
import { runTask } from './task.ts';

export interface ExecutionResult {
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  output?: unknown;
  error?: string;
  cause?: string;
}

export interface Execution {
  executionArn: string;
  startedAtMs: number;
  done: Promise<ExecutionResult>;
}

export interface StateMachines {
  has(machineArn: string): boolean;
  /** ARN of the machine with this logical id or CDK construct id. */
  arnOf(id: string): string;
  /**
   * Starts an execution. One that runs under the name with the same input is given in its place, as AWS does.
   * @throws ExecutionExistsError when there is another one of the name
   */
  start(options: { machineArn: string; input: unknown; name?: string }): Execution;
  /** In the form of DescribeExecution. */
  describe(executionArn: string): Record<string, unknown> | undefined;
  /** Resolves when the execution has ended; undefined when there is none. */
  ended(executionArn: string): Promise<unknown> | undefined;
  transitions(): number;
  stop(): Promise<void>;
}

/** The name is taken: by an execution that has ended, or by one with another input. */
export class ExecutionExistsError extends Error {
  constructor(executionArn: string) {
    super(`Execution Already Exists: '${executionArn}'`);
    this.name = 'ExecutionAlreadyExists';
  }
}

interface Machine {
  name: string;
  arn: string;
  machine: StateMachine;
  tasks: Record<string, TaskState>;
}

interface Known {
  execution: Execution;
  description: Record<string, unknown>;
  abort(): void;
}

/** Finished executions remembered for DescribeExecution; those that run are never forgotten. */
const executionsKept = 1_000;

/** The state machines of the template, run by an interpreter of the Amazon States Language. */
export function createStateMachines(options: {
  stack: Stack;
  functions: Functions;
  principals: Principals;
  log(line: string): void;
}): StateMachines {
  const { stack, functions, principals, log } = options;
  let transitions = 0;
  const executions = new Map<string, Known>();
  /** ARNs of those of them that have ended, the first to end first. */
  const ended = new Set<string>();
  const machines = new Map<string, Machine>();
  for (const resource of stack.resources('AWS::StepFunctions::StateMachine')) {
    const machine = readMachine(resource, stack);
    checkTasks(resource, machine);
    machines.set(machine.arn, machine);
  }

  /** Each task must lead to a function of the template, and the machine's role must be allowed to call it. */
  function checkTasks(resource: StackResource, { name, tasks }: Machine): void {
    const session = principals.issue({ roleArn: String(resource.required('RoleArn')), sessionName: name });
    const principal = principals.byAccessKey(session.accessKeyId);
    for (const [stateName, task] of Object.entries(tasks)) {
      const functionName = task.Parameters?.FunctionName;
      const target = task.Resource.startsWith('arn:aws:lambda:') ? task.Resource : functionName;
      if (typeof target !== 'string') continue; // chosen by a path, while it runs
      const { arn } = functions.byNameOrArn(target);
      const request = { action: 'lambda:InvokeFunction', resource: arn };
      if (
        typeof principal === 'string' ||
        !isAllowed(principal.statements, { ...request, context: requestContext(principal) })
      ) {
        throw new Error(
          `Cannot create ${resource.logicalId}: its role may not invoke "${arn}", which state "${stateName}" does`,
        );
      }
    }
  }

  function start({
    machineArn,
    input,
    name = randomUUID(),
  }: {
    machineArn: string;
    input: unknown;
    name?: string;
  }): Execution {
    const machine = machines.get(machineArn);
    if (machine === undefined) throw new Error(`Cannot start "${machineArn}": the template has no such state machine`);
    const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    // The library types JSON values closely; what comes in here was parsed from JSON or goes through it.
    const json = JSON.parse(JSON.stringify(input ?? {})) as Parameters<StateMachine['run']>[0];
    const given = JSON.stringify(json);
    const known = executions.get(executionArn);
    if (known?.description['status'] === 'RUNNING' && known.description['input'] === given) return known.execution;
    if (known) throw new ExecutionExistsError(executionArn);
    const startedAtMs = Date.now();
    const overrides = {
      taskResourceLocalHandlers: Object.fromEntries(
        Object.entries(machine.tasks).map(([state, task]) => [
          state,
          (taskInput: unknown) => runTask({ task, input: taskInput, functions }),
        ]),
      ),
    };
    const context = {
      Execution: { Id: executionArn, Name: name, RoleArn: '' },
      StateMachine: { Id: machineArn, Name: machine.name },
    };
    const run = machine.machine.run(json, {
      overrides: overrides as NonNullable<NonNullable<Parameters<StateMachine['run']>[1]>['overrides']>,
      context,
    });
    void countTransitions(run.eventLogs);
    const description: Record<string, unknown> = {
      executionArn,
      stateMachineArn: machineArn,
      name,
      status: 'RUNNING',
      startDate: startedAtMs / 1_000,
      input: given,
    };
    const done = run.result.then(
      (output: unknown): ExecutionResult => ({ status: 'SUCCEEDED', output }),
      (error: unknown): ExecutionResult => failureOf(error),
    );
    void done.then((result) => {
      Object.assign(description, { status: result.status, stopDate: Date.now() / 1_000 });
      if (result.status === 'SUCCEEDED') description['output'] = JSON.stringify(result.output);
      else {
        Object.assign(description, { error: result.error, cause: result.cause });
        log(`Execution ${name} of ${machine.name} failed: ${result.error ?? ''}: ${result.cause ?? ''}`);
      }
      forgetBeyond(executionArn);
    });
    const execution = { executionArn, startedAtMs, done };
    executions.set(executionArn, { execution, description, abort: run.abort });
    return execution;
  }

  /** Remembers one more that has ended, in the place of the one that ended first. */
  function forgetBeyond(executionArn: string): void {
    ended.add(executionArn);
    const [first] = ended;
    if (ended.size <= executionsKept || first === undefined) return;
    ended.delete(first);
    executions.delete(first);
  }

  async function countTransitions(events: AsyncIterable<{ type: string }>): Promise<void> {
    for await (const event of events) if (event.type === 'StateEntered') transitions++;
  }

  return {
    has: (machineArn) => machines.has(machineArn),
    arnOf: (id) => stack.arn(stack.find('AWS::StepFunctions::StateMachine', id).logicalId),
    start,
    describe: (executionArn) => executions.get(executionArn)?.description,
    ended: (executionArn) => executions.get(executionArn)?.execution.done,
    transitions: () => transitions,
    async stop() {
      for (const execution of executions.values()) if (execution.description['status'] === 'RUNNING') execution.abort();
      await Promise.all([...executions.values()].map(({ execution }) => execution.done));
    },
  };
}

function readMachine(resource: StackResource, stack: Stack): Machine {
  const definition = readDefinition(resource, stack);
  const tasks: Record<string, TaskState> = {};
  eachState(definition, (name, state) => {
    if (state.Type !== 'Task') return;
    // The interpreter finds tasks by name alone, whatever branch they are in.
    if (tasks[name] !== undefined)
      throw new Error(`Cannot create ${resource.logicalId}: two Task states are named "${name}"`);
    tasks[name] = state as TaskState;
  });
  let machine: StateMachine;
  try {
    machine = new StateMachine(definition as unknown as ConstructorParameters<typeof StateMachine>[0], {
      validationOptions: { checkArn: false },
    });
  } catch (error) {
    throw new Error(`Cannot create ${resource.logicalId}: ${(error as Error).message}`, { cause: error });
  }
  return { name: resource.physicalName, arn: stack.arn(resource.logicalId), machine, tasks };
}

function readDefinition(resource: StackResource, stack: Stack): Definition {
  const substitutions = (resource.property('DefinitionSubstitutions') ?? {}) as Record<string, unknown>;
  const location = resource.property('DefinitionS3Location') as { Key: string } | undefined;
  const text =
    location === undefined
      ? String(resource.required('DefinitionString'))
      : readFileSync(stack.assetPath(location.Key), 'utf8');
  return prepareDefinition({ text, substitutions, where: resource.logicalId });
}

function failureOf(error: unknown): ExecutionResult {
  const fault = error as Error;
  // Time-outs and aborts of the execution come bare; what a state threw is wrapped.
  if (fault.name === 'ExecutionTimeoutError')
    return { status: 'TIMED_OUT', error: 'States.Timeout', cause: fault.message };
  if (fault.name === 'ExecutionAbortedError')
    return { status: 'ABORTED', error: 'States.Aborted', cause: fault.message };
  const inner = fault.cause instanceof Error ? fault.cause : fault;
  return { status: 'FAILED', error: inner.name, cause: inner.message };
}
