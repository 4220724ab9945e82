import type { FaultPlan } from './dynamodb/faults.ts';
import type { Mount } from './http/front-door.ts';
import type { HttpLimits } from './http/limits.ts';
import type { MetricsStore } from './metrics/store.ts';
import type { PartPlace } from './part.ts';
import type { ExecutionResult } from './stepfunctions/machines.ts';

export interface CloudOptions {
  /** What `cdk synth` wrote. */
  assemblyDir: string;
  /** Keeps data across restarts; without it the data is temporary and removed by `stop`. */
  dataDir?: string;
  /** Port of the API; 0 or absent for any. A taken one rejects with code EADDRINUSE. */
  port?: number;
  /** Other bounds of the API's port than the usual ones: for tests and drills. */
  httpLimits?: Partial<HttpLimits>;
  /** A DynamoDB-compatible server in place of the embedded engine. */
  dynamodbEndpoint?: string;
  /** Where functions and the stream run: threads, which are faster, unless told otherwise. */
  place?: PartPlace;
  /** Gets every line that is no metric: what functions print, and what the local cloud has to say. */
  log?: (line: string) => void;
  /** Gets those of its lines that its user should see at once: on the store, and the disk that it is on. */
  notice?: (line: string) => void;
}

/** Everything used since the start. */
export interface Consumed {
  writeUnits: number;
  readUnits: number;
  byTable: Record<string, { writeUnits: number; readUnits: number; requests: number }>;
  requests: number;
  kinesisRecords: number;
  kinesisBytes: number;
  apiRequests: number;
  invocations: number;
  /** Memory of the functions × time billed. */
  gbSeconds: number;
  stateTransitions: number;
}

export interface Cloud {
  /** Without a trailing slash; the API's paths come from the template. */
  apiUrl: string;
  endpoints: { dynamodb: string; kinesis: string; aws: string };
  /** Resolved outputs of the stack. */
  outputs: Record<string, string>;
  dataDir: string;
  /** Value of the header `x-local-secret` for `<endpoints.aws>/_local/…`. */
  localSecret: string;
  issueToken(options: { subject: string; tenants: string[]; rights: string[]; ttlSeconds?: number }): Promise<string>;
  /** Calls a function by construct id or logical id. Rejects with the function's error. */
  invoke(functionId: string, payload: unknown): Promise<unknown>;
  /** Kills a function's environment; the next invocation starts a new one. @returns what was killed: `thread 7` */
  killFunction(functionId: string): Promise<string | undefined>;
  /** Kills the streams' thread or process with all records in it; an empty one takes its place. */
  killStreams(): Promise<string>;
  startExecution(machineId: string, input: unknown): Promise<{ executionArn: string; done: Promise<ExecutionResult> }>;
  metrics: MetricsStore;
  consumed(): Consumed;
  /** Answers GET requests below `prefix` on the API's port. */
  mount(prefix: string, respond: Mount): void;
  /** Faults in front of the engine, for tests and drills; undefined ends them. */
  setFaults(plan: FaultPlan | undefined): void;
  /** Resolves when every change so far has passed through the streams to the functions. */
  settled(): Promise<void>;
  /** Resolves, with the reason, when the local cloud cannot go on and stops by itself; else never. */
  failed: Promise<Error>;
  stop(): Promise<void>;
}
