import { type Part, type PartPlace, startPart } from '../part.ts';
import type { BootstrapData, InvocationResult, InvokeMessage, WorkerMessage } from './invocation.ts';

/** One function of the template, running in a thread of its own, or in several. */
export interface FunctionRuntime {
  logicalId: string;
  name: string;
  arn: string;
  invoke(event: unknown): Promise<InvocationResult>;
  /** Loads the handler before the first event needs it. Faults show at the first invocation, as in Lambda. */
  prewarm(): void;
  /** Kills all environments at once; invocations in flight fail and the next one starts afresh. @returns what was killed, if any */
  kill(): Promise<string | undefined>;
  usage(): { invocations: number; errors: number; gbSeconds: number };
}

export interface RuntimeOptions {
  logicalId: string;
  data: BootstrapData;
  place: PartPlace;
  environment: Record<string, string>;
  timeoutMs: number;
  /**
   * Most environments side by side, each with one invocation at a time, as in Lambda; the others wait, and their time has not begun.
   * Unless told there is one environment, which takes all invocations at once.
   */
  environmentsMax?: number;
  log(line: string): void;
}

interface Environment {
  part: Part;
  ready: Promise<void>;
  /** Invocations that it was chosen for and that have not ended. */
  taken: number;
  pending: Map<number, (result: InvocationResult) => void>;
}

const handlerStartLimitMs = 10_000;

export function createRuntime(options: RuntimeOptions): FunctionRuntime {
  const { data, timeoutMs, environmentsMax } = options;
  const environments = new Set<Environment>();
  let inFlight = 0;
  /** Invocations that wait for an environment of their own; told whether they may go on. */
  const waiting: ((goesOn: boolean) => void)[] = [];
  let nextId = 0;
  const usage = { invocations: 0, errors: 0, gbSeconds: 0 };

  function start(): Environment {
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const part = startPart({
      place: options.place,
      module: new URL('./bootstrap.ts', import.meta.url),
      name: data.functionName,
      data,
      env: options.environment,
      // Half as much again as the function's memory: Node's own share is not the function's.
      heapMb: Math.max(512, data.memoryMb * 1.5),
      // It runs our own bootstrap.
      received: (message) => take(message as WorkerMessage),
    });
    const environment: Environment = { part, taken: 0, pending: new Map(), ready };
    const take = (message: WorkerMessage): void => {
      switch (message.kind) {
        case 'ready':
          resolve();
          break;
        case 'failed':
          reject(new StartError({ ok: false, error: message.error, handled: true }));
          environments.delete(environment);
          void part.kill();
          break;
        case 'output':
          options.log(message.text);
          break;
        case 'result':
          environment.pending.get(message.id)?.(message.result);
          environment.pending.delete(message.id);
      }
    };
    void part.ended.then((lastWords) => {
      const crash = crashOf(lastWords);
      reject(new StartError(crash));
      environments.delete(environment);
      for (const settle of environment.pending.values()) settle(crash);
      environment.pending.clear();
    });
    environment.ready.catch(() => undefined); // told to each invocation that waits for it
    environments.add(environment);
    return environment;
  }

  const isFull = () => environmentsMax !== undefined && inFlight >= environmentsMax;

  /** Waits until there is an environment for one more invocation. @returns false when the function was killed meanwhile */
  async function turn(): Promise<boolean> {
    while (isFull()) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.push(resolve);
      if (!(await promise)) return false;
    }
    return true;
  }

  /** One without work; without one that there is, or a new one where each has one invocation at a time. */
  function choose(): Environment {
    const idle = [...environments].find(({ taken }) => taken === 0);
    const [first] = environments;
    return idle ?? (environmentsMax === undefined ? first : undefined) ?? start();
  }

  /** An environment whose function exceeded its time is left to those still in flight there, and ended after them. */
  function retire(environment: Environment): void {
    environments.delete(environment);
    if (environment.pending.size === 0) void environment.part.kill();
  }

  async function invoke(event: unknown): Promise<InvocationResult> {
    if (isFull() && !(await turn())) return crashOf('');
    inFlight++;
    const started = performance.now();
    const environment = choose();
    environment.taken++;
    usage.invocations++;
    let result: InvocationResult;
    try {
      await withLimit(environment.ready, handlerStartLimitMs);
      result = await run(environment, event);
    } catch (error) {
      result = error instanceof StartError ? error.result : failed('Runtime.Unknown', (error as Error).message);
      if (!(error instanceof StartError)) retire(environment);
    }
    environment.taken--;
    inFlight--;
    waiting.shift()?.(true);
    if (!result.ok) usage.errors++;
    usage.gbSeconds += (Math.ceil(performance.now() - started) / 1_000) * (data.memoryMb / 1_024);
    return result;
  }

  function run(environment: Environment, event: unknown): Promise<InvocationResult> {
    const id = nextId++;
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        environment.pending.delete(id);
        resolve(failed('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`));
        retire(environment);
      }, timeoutMs);
      environment.pending.set(id, (result) => {
        clearTimeout(limit);
        environment.pending.delete(id);
        resolve(result);
        if (!environments.has(environment)) retire(environment);
      });
      environment.part.send({ id, event, deadlineMs: Date.now() + timeoutMs } satisfies InvokeMessage);
    });
  }

  return {
    logicalId: options.logicalId,
    name: data.functionName,
    arn: data.functionArn,
    invoke,
    prewarm() {
      if (environments.size === 0) start();
    },
    async kill() {
      for (const tell of waiting.splice(0)) tell(false);
      const parts = [...environments].map(({ part }) => part);
      // A thread takes until the end of its turn: what is invoked meanwhile has an environment of its own.
      environments.clear();
      await Promise.all(parts.map((part) => part.kill()));
      return parts.length === 0 ? undefined : parts.map(({ label }) => label).join(', ');
    },
    usage: () => ({ ...usage }),
  };
}

class StartError extends Error {
  readonly result: InvocationResult;

  constructor(result: InvocationResult) {
    super('The function could not start');
    this.result = result;
  }
}

function failed(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage }, handled: false };
}

function crashOf(lastWords: string): InvocationResult {
  const how = lastWords === '' ? 'Runtime exited before the invocation was finished' : `Runtime exited: ${lastWords}`;
  return failed('Runtime.ExitError', `Error: ${how}`);
}

async function withLimit(promise: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The handler was not ready within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
