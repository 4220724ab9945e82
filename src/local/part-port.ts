import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadStart } from './part.ts';

/** A part's end towards the local cloud that started it. */
export interface PartPort {
  /** What it was handed at its start. */
  data: unknown;
  send(message: unknown): void;
  /** Calls back for each message. Without it a thread or process that has nothing else to do ends. */
  onMessage(listener: (message: unknown) => void): void;
}

/** Opens it, in a thread and in a process alike. A process ends with its local cloud, even when that is killed with -9. */
export function openPartPort(): PartPort {
  const port = parentPort;
  if (port !== null) {
    const { data, end } = workerData as ThreadStart; // only `startPart` starts it
    end.once('message', () => process.exit());
    end.unref();
    return {
      data,
      send: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', listener),
    };
  }
  if (process.send === undefined)
    throw new Error('Cannot run a part of the local cloud by itself: it answers to the local cloud that starts it');
  process.once('disconnect', () => process.exit());
  return {
    data: JSON.parse(process.argv[2] ?? 'null'),
    // With nobody there to read it the process is about to end.
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    onMessage: (listener) => void process.on('message', listener),
  };
}
