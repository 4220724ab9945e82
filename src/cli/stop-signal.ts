import { cancelled } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

/**
 * Turns Ctrl-C and requests to end into an abort signal, so that what runs can end cleanly. The second Ctrl-C no longer
 * waits.
 */
export function createStopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.usage);
      controller.abort();
    });
  }
  return controller.signal;
}

/** Resolves when the signal is aborted. */
export function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** @returns what some work gives @throws CliError as soon as the signal is aborted: the work goes on, and nobody waits for it */
export async function unlessStopped<Result>(work: Promise<Result>, stop: AbortSignal): Promise<Result> {
  const result = await Promise.race([work.then((value) => ({ value })), stopped(stop)]);
  if (result === undefined) throw cancelled();
  return result.value;
}
