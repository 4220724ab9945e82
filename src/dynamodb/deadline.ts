/** Time that a call may take, all its attempts together. Cheaper than an AbortSignal, of which each call would need one. */
export interface Deadline {
  /** Waits, but not beyond the end. @throws CallTimeoutError */
  sleep(ms: number): Promise<void>;
  /** Calls back at the end, or at once when that has passed; one at a time. */
  onEnd(callback: ((error: CallTimeoutError) => void) | undefined): void;
  /** Waits for something that goes on without us where it takes longer. @throws CallTimeoutError, or its fault */
  orEnd<Result>(promise: Promise<Result>): Promise<Result>;
  clear(): void;
}

export class CallTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`No answer within ${timeoutMs} ms`);
    this.name = 'TimeoutError';
  }
}

export function startDeadline(timeoutMs: number): Deadline {
  let error: CallTimeoutError | undefined;
  let ended: ((error: CallTimeoutError) => void) | undefined;
  const timer = setTimeout(() => {
    error = new CallTimeoutError(timeoutMs);
    ended?.(error);
  }, timeoutMs);
  const onEnd: Deadline['onEnd'] = (callback) => {
    ended = callback;
    if (error) callback?.(error);
  };
  return {
    onEnd,
    sleep: (ms) =>
      new Promise((resolve, reject) => {
        const sleeping = setTimeout(() => {
          onEnd(undefined);
          resolve();
        }, ms);
        onEnd((reason) => {
          clearTimeout(sleeping);
          reject(reason);
        });
      }),
    orEnd: (promise) =>
      new Promise((resolve, reject) => {
        onEnd(reject);
        promise.then(resolve, reject).finally(() => onEnd(undefined));
      }),
    clear: () => clearTimeout(timer),
  };
}
