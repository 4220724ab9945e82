import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { signal } from './dynamodb/engine-process.ts';

/**
 * Where parts of the local cloud run beside it. Threads share its process: fast, and ended between two turns of their event
 * loop. Processes cost memory and time for each message, and can be killed with -9 from anywhere.
 */
export type PartPlace = 'thread' | 'process';

/** What a thread is handed at its start. */
export interface ThreadStart {
  data: unknown;
  /** A message on it ends the thread. */
  end: MessagePort;
}

/** A function or the stream, in a thread or a process of its own, from its start to its end. */
export interface Part {
  /** Tells it from the one before: `thread 7`, `process 4711`. */
  label: string;
  send(message: unknown): void;
  /** Resolves when it is gone, with the last it said. */
  ended: Promise<string>;
  /** Ends it, whatever it does; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface PartOptions {
  place: PartPlace;
  /** What it runs: a module that opens its end with `openPartPort`. */
  module: URL;
  name: string;
  /** Handed over at the start. Plain JSON. */
  data: unknown;
  /** All of its environment. */
  env: Record<string, string>;
  heapMb: number;
  /** Told each message that it sends. */
  received(message: unknown): void;
}

const lastWordsLength = 500;

/**
 * What a thread has for getting to the end of its turn, and of what waits before the word. Node 24 ends the whole process ("close
 * before init") where a thread is terminated while it sets up a compressor: only one that takes longer is terminated.
 */
const turnLimitMs = 1_000;

/**
 * One of the two spaces that V8 copies young objects between. By default they grow larger than that, a part keeps what it has
 * grown to, and there are ten parts: more memory than all that they hold.
 */
const semiSpaceMb = 16;
/** V8 keeps three of them: two to copy between, and one for large objects. */
const youngGenerationMb = 3 * semiSpaceMb;

export function startPart(options: PartOptions): Part {
  return options.place === 'thread' ? startThread(options) : startProcess(options);
}

function startThread({ module, name, data, env, heapMb, received }: PartOptions): Part {
  const { port1: end, port2 } = new MessageChannel();
  const worker = new Worker(module, {
    name,
    workerData: { data, end: port2 } satisfies ThreadStart,
    transferList: [port2],
    env,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngGenerationMb },
  });
  let lastWords = '';
  worker.on('message', received);
  worker.on('error', (error: Error) => (lastWords = error.message));
  const ended = new Promise<string>((resolve) => worker.once('exit', () => resolve(lastWords)));
  return {
    label: `thread ${worker.threadId}`,
    send: (message) => worker.postMessage(message),
    ended,
    async kill() {
      end.postMessage('end');
      const stuck = new AbortController();
      await Promise.race([ended, sleep(turnLimitMs, undefined, { signal: stuck.signal })]);
      stuck.abort();
      await worker.terminate();
      await ended;
    },
  };
}

function startProcess({ module, data, env, heapMb, received }: PartOptions): Part {
  const child = fork(module, [JSON.stringify(data)], {
    env,
    execArgv: [
      `--max-old-space-size=${Math.ceil(heapMb)}`,
      `--max-semi-space-size=${semiSpaceMb}`,
      '--disable-warning=ExperimentalWarning',
    ],
    serialization: 'advanced',
    // Ctrl-C in the terminal is the local cloud's alone, which ends things in order.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-lastWordsLength)));
  child.on('message', received);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // What it sent before its end is read by then.
    child.once('close', () => resolve(lastWords.trim()));
  });
  return {
    label: `process ${child.pid}`,
    // One that is gone is told by `ended`.
    send: (message) => void child.send(message as object, () => undefined),
    ended,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) signal(child.pid, 'SIGKILL');
      await ended;
    },
  };
}
