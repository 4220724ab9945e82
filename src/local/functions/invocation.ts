/** How a function failed, in the form in which Lambda tells it. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export type InvocationResult =
  | { ok: true; value: unknown }
  /** `handled`: the handler threw. Otherwise the environment failed (time-out, crash, no handler). */
  | { ok: false; error: FunctionError; handled: boolean };

/** What a function's thread or process is told when it starts. */
export interface BootstrapData {
  modulePath: string;
  exportName: string;
  functionName: string;
  functionArn: string;
  memoryMb: number;
}

/** From the local cloud to a function. */
export interface InvokeMessage {
  id: number;
  event: unknown;
  deadlineMs: number;
}

/** From a function to the local cloud. */
export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'failed'; error: FunctionError }
  | { kind: 'result'; id: number; result: InvocationResult }
  | { kind: 'output'; text: string };
