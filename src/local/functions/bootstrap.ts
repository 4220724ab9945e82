import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { openPartPort } from '../part-port.ts';
import type { BootstrapData, FunctionError, InvocationResult, InvokeMessage, WorkerMessage } from './invocation.ts';

/**
 * Runs one Lambda function in its own thread or process, as the Lambda runtime does: loads the handler, calls it for each event
 * (several at a time when they come so), and sends what it prints to the local cloud.
 */
type Handler = (event: unknown, context: unknown) => unknown;

const port = openPartPort();
const post = (message: WorkerMessage) => port.send(message);
// The local cloud is the only one that starts this file, and sends to it.
const data = port.data as BootstrapData;
/** Lambda's own limit for a function's answer. */
const answerLimitBytes = 6 * 1024 * 1024;

collectOutput();
process.setSourceMapsEnabled((process.env['NODE_OPTIONS'] ?? '').includes('--enable-source-maps'));
try {
  const handler = await loadHandler();
  port.onMessage((message) => {
    const invocation = message as InvokeMessage;
    void run(handler, invocation).then((result) => post({ kind: 'result', id: invocation.id, result }));
  });
  post({ kind: 'ready' });
} catch (error) {
  post({ kind: 'failed', error: toFunctionError(error) });
}

async function loadHandler(): Promise<Handler> {
  const path = ['.mjs', '.js', '.cjs', '.ts'].map((extension) => data.modulePath + extension).find(existsSync);
  if (path === undefined) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${data.modulePath}'`);
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown> & {
    default?: Record<string, unknown>;
  };
  const handler = module[data.exportName] ?? module.default?.[data.exportName];
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${data.modulePath}.${data.exportName} is undefined or not exported`);
  }
  return handler as Handler;
}

async function run(handler: Handler, { event, deadlineMs }: InvokeMessage): Promise<InvocationResult> {
  try {
    return { ok: true, value: plain(await handler(event, createContext(deadlineMs))) };
  } catch (error) {
    return { ok: false, error: toFunctionError(error), handled: true };
  }
}

/** As Lambda does, an answer is turned into JSON. An HTTP answer, the common case, is nearly only text: it is copied field by field. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  const answer = value as {
    statusCode?: unknown;
    headers?: unknown;
    body?: unknown;
    isBase64Encoded?: unknown;
    cookies?: unknown;
  };
  if (typeof answer.statusCode === 'number' && typeof answer.body === 'string' && answer.cookies === undefined) {
    const headers = answer.headers === undefined ? {} : (JSON.parse(JSON.stringify(answer.headers)) as unknown);
    if (answer.body.length > answerLimitBytes) throw tooLarge(answer.body.length);
    return {
      statusCode: answer.statusCode,
      headers,
      body: answer.body,
      isBase64Encoded: answer.isBase64Encoded === true,
    };
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text !== undefined && text.length > answerLimitBytes) throw tooLarge(text.length);
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

function tooLarge(length: number): Error {
  return named(
    'Function.ResponseSizeTooLarge',
    `Response payload size (${length} bytes) exceeded maximum allowed payload size (${answerLimitBytes} bytes).`,
  );
}

function createContext(deadlineMs: number): unknown {
  const environment = process.env;
  return {
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: randomUUID(),
    logGroupName: environment['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: environment['AWS_LAMBDA_LOG_STREAM_NAME'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

function toFunctionError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Output goes out in portions, once per turn of the event loop: a message for each line would cost more than the line. */
function collectOutput(): void {
  let text = '';
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (text === '') {
      setImmediate(() => {
        post({ kind: 'output', text });
        text = '';
      });
    }
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') setImmediate(done as () => void);
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
}
