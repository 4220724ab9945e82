import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Principals } from '../iam/principals.ts';
import type { Stack, StackResource } from '../template/stack.ts';
import type { PartPlace } from '../part.ts';
import type { BootstrapData } from './invocation.ts';
import { createRuntime, type FunctionRuntime } from './runtime.ts';

export interface Functions {
  all: FunctionRuntime[];
  /** By name or ARN, with or without a qualifier. */
  byNameOrArn(nameOrArn: string): FunctionRuntime;
  /** By logical id or CDK construct id. */
  byId(id: string): FunctionRuntime;
  usage(): { invocations: number; errors: number; gbSeconds: number };
  stop(): Promise<void>;
}

interface Options {
  stack: Stack;
  principals: Principals;
  /** Where functions run. */
  place: PartPlace;
  /** Addresses of the emulated services, by the SDK's standard variables. */
  endpoints: Record<string, string>;
  output(functionName: string, text: string): void;
}

const defaultTimeoutSeconds = 3;
const defaultMemoryMb = 128;
/** Lambda gives a function one processor for so much memory (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). */
const memoryOfProcessorMb = 1_769;

/** A runtime for each function of the template. Nothing starts before it is invoked or prewarmed. */
export function createFunctions(options: Options): Functions {
  const { stack } = options;
  const runtimes = stack
    .resources('AWS::Lambda::Function')
    .filter(isApplication)
    .map((resource) => createFunction(resource, options));
  const byName = new Map(runtimes.map((runtime) => [runtime.name, runtime]));

  const functions: Functions = {
    all: runtimes,
    byNameOrArn(nameOrArn) {
      const name = nameOrArn.startsWith('arn:') ? nameOrArn.split(':')[6] : nameOrArn.split(':')[0];
      const runtime = byName.get(name ?? '');
      if (runtime === undefined)
        throw new Error(`Cannot find function "${nameOrArn}": the template has ${[...byName.keys()].join(', ')}`);
      return runtime;
    },
    byId: (id) => functions.byNameOrArn(stack.find('AWS::Lambda::Function', id).physicalName),
    usage() {
      const total = { invocations: 0, errors: 0, gbSeconds: 0 };
      for (const runtime of runtimes) {
        const { invocations, errors, gbSeconds } = runtime.usage();
        total.invocations += invocations;
        total.errors += errors;
        total.gbSeconds += gbSeconds;
      }
      return total;
    },
    async stop() {
      await Promise.all(runtimes.map((runtime) => runtime.kill()));
    },
  };
  return functions;
}

/** The CDK's own helpers (custom resources, log retention) act on a real account at deployment and do nothing here. */
function isApplication(resource: StackResource): boolean {
  const code = resource.required('Code') as { ZipFile?: string };
  const ofTheCdk = /^(AWS679f53fac002430cb0da5b7982bd2287|LogRetentionaae0aa3c|Custom)/.test(resource.logicalId);
  return code.ZipFile === undefined && !ofTheCdk && String(resource.required('Runtime')).startsWith('nodejs');
}

function createFunction(resource: StackResource, options: Options): FunctionRuntime {
  const { stack, principals } = options;
  const code = resource.required('Code') as { S3Key?: string };
  if (code.S3Key === undefined) throw new Error(`Cannot create ${resource.logicalId}: its code is no asset`);
  const taskRoot = stack.assetPath(code.S3Key);
  const handler = String(resource.required('Handler'));
  const at = handler.lastIndexOf('.');
  const memoryMb = Number(resource.property('MemorySize') ?? defaultMemoryMb);
  const data: BootstrapData = {
    modulePath: join(taskRoot, handler.slice(0, at)),
    exportName: handler.slice(at + 1),
    functionName: resource.physicalName,
    functionArn: stack.arn(resource.logicalId),
    memoryMb,
  };
  return createRuntime({
    logicalId: resource.logicalId,
    data,
    place: options.place,
    environment: environmentOf({
      resource,
      stack,
      principals,
      endpoints: options.endpoints,
      taskRoot,
      handler,
      memoryMb,
    }),
    timeoutMs: Number(resource.property('Timeout') ?? defaultTimeoutSeconds) * 1_000,
    // One thread does for functions that wait for others most of their time; one that computes asks for more than a processor.
    ...(memoryMb > memoryOfProcessorMb && {
      environmentsMax: Math.min(Math.ceil(memoryMb / memoryOfProcessorMb), availableParallelism()),
    }),
    log: (text) => options.output(resource.physicalName, text),
  });
}

/** What the template declares, and what Lambda adds. Nothing of the local cloud's own environment passes through. */
function environmentOf(options: {
  resource: StackResource;
  stack: Stack;
  principals: Principals;
  endpoints: Record<string, string>;
  taskRoot: string;
  handler: string;
  memoryMb: number;
}): Record<string, string> {
  const { resource, stack, principals } = options;
  const declared =
    (resource.property('Environment') as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
  const roleArn = String(resource.required('Role'));
  const credentials = principals.issue({ roleArn, sessionName: resource.physicalName });
  return {
    ...Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, stack.localise(String(value))])),
    ...options.endpoints,
    AWS_REGION: stack.region,
    AWS_DEFAULT_REGION: stack.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: resource.physicalName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(options.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${resource.physicalName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: options.taskRoot,
    _HANDLER: options.handler,
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    // The machine's own AWS profiles must not reach in.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
